"""What a receiver is told, and what its answer means.

Security event tokens (RFC 8417) with the event types of OpenID CAEP 1.0 and RISC 1.0, pushed as
RFC 8935 says; logout tokens of OpenID Connect Back-Channel Logout 1.0.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

_CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
_RISC = "https://schemas.openid.net/secevent/risc/event-type/"
SUSPENDED = "suspended"  # the `organisation_state` of a revocation, a member of ours
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_SECONDS = 120
LONGEST_PAUSE_SECONDS = 60
# Whose clock is it, if the database's is further from ours than this?
LATEST_MS, EARLIEST_MS = 30_000, -5_000
# The receiver may know a new key of ours a moment later than we do: such an answer may change.
ABOUT_KEYS = frozenset({"invalid_key", "authentication_failed"})
MOST_ATTEMPTS_ABOUT_KEYS = 8
LONGEST_ERROR = 300
ACKNOWLEDGED = (200, 202, 204)
BAD_REQUEST = 400
NOT_FINAL = frozenset({401, 403, 404, 405, 408, 421, 425, 429})  # somebody else answered, or later


@unique
class Kind(Enum):
    """As `db.signals` writes them; the value in a token stands in EVENT_TYPES."""

    SESSION_REVOKED = "session_revoked"
    CLAIMS_CHANGED = "claims_changed"
    CREDENTIAL_CHANGED = "credential_changed"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ACCOUNT_PURGED = "account_purged"
    LOGOUT = "logout"


EVENT_TYPES = {
    Kind.SESSION_REVOKED: _CAEP + "session-revoked",
    Kind.CLAIMS_CHANGED: _CAEP + "token-claims-change",
    Kind.CREDENTIAL_CHANGED: _CAEP + "credential-change",
    Kind.ACCOUNT_DISABLED: _RISC + "account-disabled",
    Kind.ACCOUNT_ENABLED: _RISC + "account-enabled",
    Kind.ACCOUNT_PURGED: _RISC + "account-purged",
}


@unique
class State(Enum):
    """What became of a signal."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"  # the receiver will never take it
    DROPPED = "dropped"  # there is nobody to tell (any more)


@dataclass(frozen=True, slots=True)
class Signal:
    """One row: one receiver is told one thing. `attempts` counts the one under way."""

    id: str
    receiver: str
    kind: Kind
    user_id: str | None
    organisation_id: str
    session_id: str | None
    access_revision: int | None
    changed_at: int
    changed_at_ms: int
    state: State
    attempts: int
    next_attempt_at: int
    settled_at: int | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """As they are when a change is told; read in one statement with the revision."""

    name: str
    email: str
    email_verified: bool
    roles: tuple[str, ...]
    access_revision: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the receiver's answer means."""

    state: State
    because: str | None = None


def changed_at_ms(signal: Signal) -> int:
    """When the change was written. A clock that disagrees with ours is not believed."""
    ahead = signal.changed_at_ms - signal.changed_at * 1000
    known = EARLIEST_MS <= ahead <= LATEST_MS
    return signal.changed_at_ms if known else signal.changed_at * 1000


def event_claims(
    signal: Signal, person: Person | None, issuer: str, audience: str
) -> dict[str, Any]:
    """The claims of a security event token; the same ones at each attempt, but for what a person's
    claims are by then: they are told with their own revision.
    """
    event: dict[str, Any] = {
        "event_timestamp": signal.changed_at,
        "event_timestamp_ms": changed_at_ms(signal),
    }
    revision = signal.access_revision
    if signal.kind is Kind.CLAIMS_CHANGED and person is not None:
        revision = person.access_revision
        event["claims"] = {
            "name": person.name,
            "email": person.email,
            "email_verified": person.email_verified,
            "roles": list(person.roles),
        }
    elif signal.kind is Kind.CREDENTIAL_CHANGED:
        event |= {"credential_type": "password", "change_type": "update"}
    elif _is_suspension(signal):
        event["organisation_state"] = SUSPENDED
    if revision is not None:
        event["access_revision"] = revision
    return {
        "iss": issuer,
        "aud": audience,
        "iat": signal.changed_at,
        "toe": signal.changed_at,
        "jti": signal.id,
        "sub_id": _subject_of(signal, issuer),
        "events": {_event_type(signal): event},
    }


def logout_claims(signal: Signal, issuer: str, now: int) -> dict[str, Any]:
    """Back-Channel Logout section 2.4."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": signal.receiver,
        "sub": signal.user_id,
        "iat": now,
        "exp": now + LOGOUT_SECONDS,
        "jti": signal.id,
        "sid": signal.session_id,
        "events": {LOGOUT_EVENT: {}},
    }
    return {name: value for name, value in claims.items() if value is not None}


def pause_after(attempts: int) -> int:
    """Seconds until the next attempt: 1, 2, 4 ... 60."""
    return min(1 << min(attempts - 1, 10), LONGEST_PAUSE_SECONDS)


def judge_event(status: int, body: bytes, attempts: int) -> Verdict:
    """RFC 8935 section 2.3: an error code ends the matter; anything else was not the receiver."""
    if status in ACKNOWLEDGED:
        return Verdict(State.DELIVERED)
    said = _error_of(body) if status == BAD_REQUEST else None
    if said is None:
        return Verdict(State.WAITING, f"answered {status}")
    code, words = said
    because = f"{code}: {words}"[:LONGEST_ERROR]
    again = code in ABOUT_KEYS and attempts < MOST_ATTEMPTS_ABOUT_KEYS
    return Verdict(State.WAITING if again else State.REFUSED, because)


def judge_logout(status: int) -> Verdict:
    """Back-Channel Logout section 2.8."""
    if status in ACKNOWLEDGED:
        return Verdict(State.DELIVERED)
    final = BAD_REQUEST <= status < 500 and status not in NOT_FINAL  # noqa: PLR2004
    return Verdict(State.REFUSED if final else State.WAITING, f"answered {status}")


def _error_of(body: bytes) -> tuple[str, str] | None:
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("err"), str):
        return None
    words = said.get("description")
    return _plain(said["err"]), _plain(words) if isinstance(words, str) else ""


def _plain(text: str) -> str:
    """For logs and pages: what a receiver says is not ours."""
    return "".join(c for c in text if c.isprintable())[:LONGEST_ERROR]


def _is_suspension(signal: Signal) -> bool:
    return signal.kind is Kind.ACCOUNT_DISABLED and signal.user_id is None


def _event_type(signal: Signal) -> str:
    """A suspended organisation is a revocation for everybody there, which says so."""
    return EVENT_TYPES[Kind.SESSION_REVOKED if _is_suspension(signal) else signal.kind]


def _subject_of(signal: Signal, issuer: str) -> Mapping[str, Any]:
    """RFC 9493, and complex subjects of the Shared Signals Framework."""
    if signal.user_id is None:
        return {
            "format": "complex",
            "tenant": {"format": "opaque", "id": signal.organisation_id},
        }
    person = {"format": "iss_sub", "iss": issuer, "sub": signal.user_id}
    if signal.session_id is None:
        return person
    session = {"format": "opaque", "id": signal.session_id}
    return {"format": "complex", "user": person, "session": session}
