"""The provider's discovery document (OpenID Connect Discovery 1.0 section 4, RFC 8414)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The members that are used; None for what the provider does not name."""

    issuer: str
    authorization_endpoint: str | None
    token_endpoint: str | None
    jwks_uri: str | None
    end_session_endpoint: str | None
    revocation_endpoint: str | None
    sends_iss: bool


def well_known_url(issuer: str) -> str:
    """Appended after the issuer's path, if it has one (section 4.1)."""
    return issuer.rstrip("/") + WELL_KNOWN


def read(members: Mapping[str, Any], *, plain_http: bool) -> Metadata:
    """What is no http(s) address counts as not named; `http` only if the issuer itself is so."""

    def address(name: str) -> str | None:
        value = members.get(name)
        return value if isinstance(value, str) and _is_address(value, plain_http) else None

    issuer = members.get("issuer")
    return Metadata(
        issuer=issuer if isinstance(issuer, str) else "",
        authorization_endpoint=address("authorization_endpoint"),
        token_endpoint=address("token_endpoint"),
        jwks_uri=address("jwks_uri"),
        end_session_endpoint=address("end_session_endpoint"),
        revocation_endpoint=address("revocation_endpoint"),
        sends_iss=members.get("authorization_response_iss_parameter_supported") is True,
    )


def _is_address(value: str, plain_http: bool) -> bool:  # noqa: FBT001 - private
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    allowed = ("https", "http") if plain_http else ("https",)
    return parts.scheme in allowed and bool(parts.hostname) and parts.username is None
