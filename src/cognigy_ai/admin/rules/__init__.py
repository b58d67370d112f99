"""Decisions that the Admin Center shows. Pure."""
