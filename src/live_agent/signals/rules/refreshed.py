"""What the answer to a refresh token says of the person's access (RFC 6749 section 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

LONGEST_TOKEN = 16_384


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The grant lives; other providers may leave either token out."""

    refresh_token: str | None = field(repr=False)
    id_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """The provider says itself that the grant is over."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing can be said of the person: a fault of one of the sides."""

    why: str


def read(status: int, members: Mapping[str, Any]) -> Confirmed | Ended | Unanswered:
    """Only `invalid_grant` is about the person; all other errors are about the configuration."""
    error = members.get("error")
    if error == "invalid_grant":
        return Ended()
    if status != HTTPStatus.OK or error is not None:
        return Unanswered(f"status {status}")
    if not isinstance(members.get("access_token"), str):
        return Unanswered("no access token")
    return Confirmed(_token(members.get("refresh_token")), _token(members.get("id_token")))


def id_token_fault(
    claims: Mapping[str, Any], issuer: str, subject: str, client_id: str
) -> str | None:
    """An ID token that comes with a refresh is of the same person (OpenID Connect Core 12.2)."""
    if claims.get("iss") != issuer:
        return "iss"
    if str(claims.get("sub")) != subject:
        return "sub"
    audience = claims.get("aud")
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        return "aud"
    return None


def _token(value: Any) -> str | None:
    usable = isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and value.isascii()
    return value if usable else None
