"""FRONT: the dashboard and the profile."""
