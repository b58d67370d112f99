"""The only way in when the platform is down: made by the command line, spent once."""
