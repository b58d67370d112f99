"""Whom the platform has in an account's organisation, as it said last."""
