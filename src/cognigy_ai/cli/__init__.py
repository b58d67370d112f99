"""FRONT: the cognigy-ai command line."""
