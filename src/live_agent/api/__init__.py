"""The Platform API: accounts and their users, for the platform's servers."""
