"""Tokens with which programs use the Application API in the name of a person."""
