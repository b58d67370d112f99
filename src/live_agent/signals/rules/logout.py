"""May this logout token end sessions? (OpenID Connect Back-Channel Logout 1.0 section 2.6)

The signature was checked before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OLDEST_SECONDS = 600
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Logout:
    """Whose sessions end: those of one session of the provider, or all of a person."""

    jti: str
    subject: str | None
    sid: str | None
    expires_at: int  # from then on the token is too old, so its `jti` may be forgotten


def read(
    claims: Mapping[str, Any], issuer: str, client_id: str, skew: int, now: int
) -> Logout | str:
    """The logout, or the first rule that the token breaks, in words for the provider's log."""
    fault = _fault_of_parties(claims, issuer, client_id) or _fault_of_times(claims, skew, now)
    if fault is not None:
        return fault
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        return "events does not name a back-channel logout"
    if "nonce" in claims:
        return "nonce does not belong into a logout token"
    jti, subject, sid = (_text(claims.get(name)) for name in ("jti", "sub", "sid"))
    if jti is None:
        return "jti is missing or unusable"
    if subject is None and sid is None:
        return "neither sub nor sid says whose sessions end"
    return Logout(jti, subject, sid, int(claims["iat"]) + OLDEST_SECONDS + skew)


def _fault_of_parties(claims: Mapping[str, Any], issuer: str, client_id: str) -> str | None:
    if claims.get("iss") != issuer:
        return "iss is not the configured issuer"
    audience = claims.get("aud")
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        return "aud does not name this client"
    return None


def _fault_of_times(claims: Mapping[str, Any], skew: int, now: int) -> str | None:
    """`exp` is asked for since the final version; providers of drafts send none."""
    issued_at: Any = claims.get("iat")
    expires_at: Any = claims.get("exp", now + 1)
    if not _is_time(issued_at) or not _is_time(expires_at):
        return "iat or exp is no time"
    if not now - OLDEST_SECONDS - skew <= issued_at <= now + skew:
        return "iat is too old or in the future"
    return "the token has expired" if expires_at + skew <= now else None


def _is_time(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(value: Any) -> str | None:
    usable = isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable()
    return value if usable else None
