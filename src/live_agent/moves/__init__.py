"""Everybody who still has an old password: how far each is, and what would happen."""
