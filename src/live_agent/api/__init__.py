"""Platform API: accounts and their users, for Cognigy.AI."""
