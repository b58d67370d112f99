"""Cognigy.AI: the platform and authorization server."""
