"""Somebody else's programs are loaded once, and what they say of each other is not for us."""

import warnings

import authlib.deprecate

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # authlib would like another transport than httpx
    import authlib.integrations.httpx_client  # noqa: F401
