"""Opaque secrets: made once, shown once, stored as a hash."""

import base64
import hashlib
import hmac
import secrets


def new_secret(prefix: str = "") -> str:
    """A secret of 256 random bits; the prefix makes a leaked one recognisable to scanners."""
    return prefix + secrets.token_urlsafe(32)


def new_base32(random_bytes: int) -> str:
    """Random bytes as letters and the digits 2 to 7: what people and their telephones can type."""
    return base64.b32encode(secrets.token_bytes(random_bytes)).rstrip(b"=").decode()


def new_id(prefix: str = "") -> str:
    """An identifier of 128 random bits: unguessable, but not a secret."""
    return prefix + secrets.token_hex(16)


def new_object_id() -> str:
    """24 lower-case hexadecimal characters, as the platform's organisations and users have."""
    return secrets.token_hex(12)


def fingerprint(secret: str) -> str:
    """What is stored of a random secret: SHA-256 is enough for 256 random bits (DESIGN 6)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def derive(key: bytes, purpose: str, secret: str) -> str:
    """A second secret that only the holder of `key` can make from the first."""
    digest = hmac.new(key, f"{purpose}\0{secret}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def same(one: str, other: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def reference_of(state: str) -> str:
    """The reference id of a login: both systems know `state`, so both get the same one.

    The first 12 base32 characters of SHA-256(state), grouped for reading aloud is left to pages.
    """
    return base64.b32encode(hashlib.sha256(state.encode()).digest())[:12].decode()


def new_reference() -> str:
    """A reference id for a refusal that belongs to no login."""
    return reference_of(secrets.token_urlsafe(16))
