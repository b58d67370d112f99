"""What codes and grants are, and which tokens they have."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cognigy_ai.problems import Problem

ACCESS_PREFIX = "at_"
REFRESH_PREFIX = "rt_"
REFRESH_TOKEN = re.compile(r"rt_(?P<handle>[\w-]{43})\.[\w-]{43}", re.ASCII)
ACCESS_TOKEN = re.compile(r"at_[\w-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Person:
    """Who a token speaks of, as the tables had it at that moment."""

    user_id: str
    email: str
    email_verified: bool
    name: str
    locale: str
    roles: tuple[str, ...]
    organisation_id: str
    organisation_name: str
    access_revision: int


@dataclass(frozen=True, slots=True)
class Held:
    """A consent, or living grants of one client and scope, of one person."""

    client_id: str
    scope: str
    since: int
    last_used_at: int | None  # None: a consent, which is not used by itself


@dataclass(frozen=True, slots=True)
class Application:
    """What a client holds of one person, altogether."""

    client_id: str
    scopes: frozenset[str]
    since: int
    last_used_at: int | None  # None: it holds a consent only


def applications_of(held: Iterable[Held]) -> list[Application]:
    """One for each client, the one used last first."""
    of_client: dict[str, list[Held]] = {}
    for one in held:
        of_client.setdefault(one.client_id, []).append(one)
    found = [_application(client_id, parts) for client_id, parts in of_client.items()]
    return sorted(found, key=lambda a: (-(a.last_used_at or 0), -a.since, a.client_id))


def _application(client_id: str, parts: list[Held]) -> Application:
    used = [part.last_used_at for part in parts if part.last_used_at is not None]
    return Application(
        client_id=client_id,
        scopes=frozenset(scope for part in parts for scope in part.scope.split()),
        since=min(part.since for part in parts),
        last_used_at=max(used, default=None),
    )


@dataclass(frozen=True, slots=True)
class CodeOrder:
    """What the authorization request asked for, to be kept with the code."""

    client_id: str
    redirect_uri: str
    redirect_uri_given: bool
    code_challenge: str | None
    nonce: str | None
    scope: str
    reference: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Which session may have a code without any page, by the request's own rules."""

    session_fingerprint: str
    oldest_auth_time: int = 0
    subject: str = ""  # of an id_token_hint; empty: anybody
    organisation_id: str = ""  # of the address; empty: any
    consent_given: bool = False  # or not needed


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was just claimed."""

    redirect_uri: str
    redirect_uri_given: bool
    code_challenge: str | None
    nonce: str | None
    scope: str
    reference: str
    expires_at: int
    session_id: str
    auth_time: int
    amr: str
    person: Person


@dataclass(frozen=True, slots=True)
class Login:
    """The login that a grant goes back to."""

    session_id: str
    auth_time: int
    amr: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A living grant, as one of its tokens finds it. Without a person it is the client's own."""

    id: str
    client_id: str
    scope: str  # of the token that was presented
    granted: str  # of the grant: a refreshed access token may have less
    issued_at: int
    expires_at: int  # of the token that was presented
    organisation_id: str | None
    person: Person | None
    login: Login | None


@dataclass(frozen=True, slots=True)
class Family:
    """What is left of a refresh token's grant when the token was refused."""

    id: str
    client_id: str
    user_id: str
    organisation_id: str | None
    is_current: bool  # the token presented is the newest one
    is_over: bool  # revoked or expired


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client is given once; `repr` shows none of it."""

    access_token: str
    refresh_token: str | None
    scope: str
    expires_in: int

    def __repr__(self) -> str:
        return "Tokens([hidden])"


@dataclass(frozen=True, slots=True)
class RefreshOrder:
    """A refresh token, who presented it, and what is to come of it."""

    refresh_token: str
    client_id: str
    scope: frozenset[str] | None  # None: all of the grant
    access_lifetime: int
    grace: int


@dataclass(frozen=True, slots=True)
class GrantOrder:
    """The terms on which a client gets its grant."""

    client_id: str
    access_lifetime: int
    grant_lifetime: int
    refreshable: bool


def family_handle(refresh_token: str) -> str | None:
    """The part that stays when a refresh token is rotated; None for anything else."""
    match = REFRESH_TOKEN.fullmatch(refresh_token)
    return None if match is None else match["handle"]


def is_access_token(token: str) -> bool:
    """Has it the form of our access tokens?"""
    return ACCESS_TOKEN.fullmatch(token) is not None


def refresh_refusal(family: Family | None, client_id: str) -> Problem:
    """Why a refresh token was refused (RFC 6749 section 6, RFC 9700 section 4.14.2).

    An old token of a living family has two holders; the newest one whose person lost access has
    one, and is only refused.
    """
    if family is None or family.client_id != client_id or family.is_over or family.is_current:
        return Problem.REFRESH_TOKEN_UNKNOWN
    return Problem.REFRESH_TOKEN_REUSED
