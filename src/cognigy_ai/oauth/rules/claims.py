"""What the platform tells of a person: the one place (OpenID Connect Core sections 2 and 5)."""

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from cognigy_ai.sessions.rules import MFA
from cognigy_ai.tokens.rules import Login, Person

CLAIMS_OF_SCOPE = {
    "profile": ("name", "locale"),
    "email": ("email", "email_verified"),
    "organisation": ("organisation", "organisation_name"),
    "roles": ("roles", "access_revision"),
}
OF_THE_TOKEN = (
    "iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid", "nonce", "at_hash",
)  # fmt: skip
SUPPORTED = (*OF_THE_TOKEN, *(claim for claims in CLAIMS_OF_SCOPE.values() for claim in claims))
ONE_FACTOR, TWO_FACTORS = "1", "2"
ACR_VALUES = (ONE_FACTOR, TWO_FACTORS)
# The hash of `at_hash` is the signature's own (Core 3.1.3.6); Ed25519 hashes with SHA-512.
AT_HASHES = {"ES256": hashlib.sha256, "RS256": hashlib.sha256, "EdDSA": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom an ID token is made, and with which algorithm."""

    issuer: str
    client_id: str
    alg: str
    lifetime: int


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an ID token is about, and which login; a refreshed one has no nonce (Core 12.2)."""

    person: Person
    login: Login
    nonce: str | None = None


def acr_of(amr: Collection[str]) -> str:
    """How strong a login was (Core section 2): `1` the password, `2` a second factor with it."""
    return TWO_FACTORS if MFA in amr else ONE_FACTOR


def person_claims(person: Person, scope: str) -> dict[str, Any]:
    """The claims that the scopes release; `sub` always, empty ones never (Core 5.3.2)."""
    values = {
        "name": person.name,
        "locale": person.locale,
        "email": person.email,
        "email_verified": person.email_verified,
        "organisation": person.organisation_id,
        "organisation_name": person.organisation_name,
        "roles": list(person.roles),
        "access_revision": person.access_revision,
    }
    released = {name for word in scope.split() for name in CLAIMS_OF_SCOPE.get(word, ())}
    kept = {n: v for n, v in values.items() if n in released and v not in (None, "")}
    return {"sub": person.user_id, **kept}


def id_token(subject: Subject, scope: str, to: Audience, now: int) -> dict[str, Any]:
    """The claims of an ID token, without the hash (Core section 2)."""
    login = subject.login
    claims = person_claims(subject.person, scope) | {
        "iss": to.issuer,
        "aud": to.client_id,
        "iat": now,
        "exp": now + to.lifetime,
        "auth_time": login.auth_time,
        "acr": acr_of(login.amr.split()),
        "amr": login.amr.split(),
        "sid": login.session_id,
    }
    return claims if subject.nonce is None else claims | {"nonce": subject.nonce}


def at_hash(access_token: str, alg: str) -> str:
    """The left half of the access token's hash (Core 3.1.3.6)."""
    digest = AT_HASHES[alg](access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode("ascii")
