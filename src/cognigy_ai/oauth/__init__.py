"""The authorization server: one file for each step of a login, in the order of the login.

authorize, login, account, consent, token (grants/), userinfo, logout; introspect, revoke and
discovery stand beside it.
"""
