"""FRONT: the live-agent command line."""
