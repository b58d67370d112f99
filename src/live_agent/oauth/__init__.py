"""FRONT: Live Agent's half of the login by Cognigy.AI, one file per step.

In order: login, start, callback, failed; logout, logged_out. Every other provider that speaks
OpenID Connect will do as well.
"""
