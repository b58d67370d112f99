"""Telling Live Agent and other applications that access ended or changed."""
