"""May this ID token log somebody in? (OpenID Connect Core section 3.1.3.7)

The signature was checked before (steps 6 to 8, `live_agent.cognigy_api`); these are its claims.
"""

import base64
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from live_agent.cognigy_api.rules.refusal import Refusal, misconfigured, quotable
from live_agent.problems import Fault

# It comes straight from the token endpoint, so an old one was kept somewhere (step 10).
OLDEST_SECONDS = 600

# The hash that belongs to a signature algorithm; Ed25519 is defined with SHA-512 (RFC 8032).
HASHES = {"ES256": hashlib.sha256, "RS256": hashlib.sha256, "EdDSA": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Expected:
    """What this login asked for. `clock_offset`: how far the provider's clock is ahead of ours."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str = field(repr=False)
    algorithm: str
    skew: int
    clock_offset: int | None


def claims_fault(claims: Mapping[str, Any], expected: Expected, now: int) -> Refusal | None:
    """The first step of section 3.1.3.7 that the claims fail, or None."""
    return (
        _issuer(claims, expected)
        or _audience(claims, expected)
        or _authorized_party(claims, expected)
        or _times(claims, expected, now)
        or _nonce(claims, expected)
        or _at_hash(claims, expected)
    )


def _issuer(claims: Mapping[str, Any], expected: Expected) -> Refusal | None:
    """Step 2: whole and byte by byte."""
    if claims.get("iss") == expected.issuer:
        return None
    return misconfigured(Fault.ISSUER_DIFFERS, f"iss is {quotable(claims.get('iss'))}")


def _audience(claims: Mapping[str, Any], expected: Expected) -> Refusal | None:
    """Step 3: a text or a list of texts that holds our client id."""
    found = _audiences(claims)
    if expected.client_id in found:
        return None
    return misconfigured(Fault.AUDIENCE_DIFFERS, f"aud is {quotable(' '.join(found))}")


def _authorized_party(claims: Mapping[str, Any], expected: Expected) -> Refusal | None:
    """Steps 4 and 5: with other audiences beside us, it must be said that the token is ours."""
    party = claims.get("azp")
    if party == expected.client_id or (party is None and len(_audiences(claims)) == 1):
        return None
    return misconfigured(Fault.AUDIENCE_DIFFERS, f"azp is {quotable(party)}")


def _audiences(claims: Mapping[str, Any]) -> list[str]:
    found = claims.get("aud")
    listed: list[Any] = found if isinstance(found, list) else [found]
    return listed if all(isinstance(one, str) for one in listed) else []


def _times(claims: Mapping[str, Any], expected: Expected, now: int) -> Refusal | None:
    """Steps 9 and 10, within the allowed skew; RFC 7519 section 4.1.5 for `nbf`."""
    for name in ("exp", "iat"):
        if not _is_time(claims.get(name)):
            return misconfigured(Fault.ID_TOKEN_MALFORMED, f"{name} is missing or no time")
    exp, iat, nbf = claims["exp"], claims["iat"], claims.get("nbf", claims["iat"])
    if not _is_time(nbf):
        return misconfigured(Fault.ID_TOKEN_MALFORMED, "nbf is no time")
    latest = now + expected.skew
    if iat > latest or nbf > latest:
        return _out_of_time(expected, int(max(iat, nbf)) - now)
    if now >= exp + expected.skew or iat < now - OLDEST_SECONDS - expected.skew:
        return _out_of_time(expected, None)
    return None


def _out_of_time(expected: Expected, ahead: int | None) -> Refusal:
    """The provider's Date header tells whose clock is wrong; without one, the token's own time."""
    measured = expected.clock_offset
    if measured is not None and abs(measured) > expected.skew:
        ahead = measured
    if ahead is None:
        return misconfigured(Fault.TOKEN_EXPIRED)
    side = "ahead of" if ahead > 0 else "behind"
    detail = f"clocks apart by {abs(ahead)} seconds: the provider's is {side} ours"
    return misconfigured(Fault.CLOCK_APART, detail)


def _is_time(value: object) -> bool:
    """A JSON number; Python's parser also reads NaN and Infinity, of which nothing is later."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _nonce(claims: Mapping[str, Any], expected: Expected) -> Refusal | None:
    """Step 11: this very login asked for it, not an earlier one and not somebody else's."""
    found = claims.get("nonce")
    if isinstance(found, str) and compare_digest(
        found.encode(errors="replace"), expected.nonce.encode()
    ):
        return None
    return misconfigured(Fault.NONCE_DIFFERS, "nonce is missing" if found is None else "")


def _at_hash(claims: Mapping[str, Any], expected: Expected) -> Refusal | None:
    """Section 3.1.3.8: optional, but never wrong; a hash that is not known fails closed."""
    found = claims.get("at_hash")
    if found is None and "at_hash" not in claims:
        return None
    algorithm = HASHES.get(expected.algorithm)
    if algorithm is not None and isinstance(found, str):
        digest = algorithm(expected.access_token.encode()).digest()
        half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
        if compare_digest(half, found.encode(errors="replace")):
            return None
    return misconfigured(Fault.AT_HASH_DIFFERS)
