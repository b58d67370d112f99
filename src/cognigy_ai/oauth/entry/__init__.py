"""The pages between the password and the session, one file each, in their order."""
