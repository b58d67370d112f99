"""Registered OAuth clients."""
