"""Two-step login: one-time passwords and recovery codes."""
