"""Organisations: who a person belongs to."""
