"""How a client says who it is (RFC 6749 section 2.3)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from cognigy_ai.clients.rules import Client
from cognigy_ai.problems import Problem

LONGEST_CREDENTIALS = 4096


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was presented, and how; `method` is a name of OpenID Connect Core section 9."""

    client_id: str
    client_secret: str | None
    method: str

    def __repr__(self) -> str:
        return f"Credentials({self.client_id!r}, {self.method!r})"


def presented(authorization: str | None, form: Mapping[str, str]) -> Credentials | Problem:
    """The credentials of a request; two ways at once are refused."""
    secret = form.get("client_secret")
    if authorization is not None:
        basic = _basic(authorization)
        if basic is None:
            return Problem.CLIENT_AUTHENTICATION_FAILED
        if secret is not None or form.get("client_id", basic.client_id) != basic.client_id:
            return Problem.CLIENT_AUTHENTICATION_REPEATED
        return basic
    client_id = form.get("client_id")
    if client_id is None:
        return Problem.CLIENT_AUTHENTICATION_FAILED
    return Credentials(client_id, secret, "none" if secret is None else "client_secret_post")


def method_fault(client: Client, method: str) -> str | None:
    """Why the client may not authenticate so, for the log, or None.

    Every client with a secret may use Basic, which RFC 6749 section 2.3.1 wants supported; the
    body only where it is registered.
    """
    allowed = {
        "none": ("none",),
        "client_secret_basic": ("client_secret_basic",),
        "client_secret_post": ("client_secret_post", "client_secret_basic"),
    }[client.auth_method]
    return None if method in allowed else f"{method} used, {client.auth_method} registered"


def _basic(authorization: str) -> Credentials | None:
    """Id and secret are form-urlencoded before base64 (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > LONGEST_CREDENTIALS:
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        raw_id, separator, raw_secret = text.partition(":")
        client_id = unquote_plus(raw_id, errors="strict")
        client_secret = unquote_plus(raw_secret, errors="strict")
    except (binascii.Error, ValueError):  # also UnicodeDecodeError
        return None
    if not separator or not client_id:
        return None
    return Credentials(client_id, client_secret, "client_secret_basic")
