"""Two-step login: one-time passwords of an authenticator app, and codes for the day it is lost."""
