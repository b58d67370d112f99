"""Users and the old password."""
