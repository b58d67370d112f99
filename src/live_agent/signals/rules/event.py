"""What a security event token says (RFC 8417), and why one is not believed (RFC 8935).

The signature was checked before. Event types are those of OpenID CAEP 1.0 and RISC 1.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

_CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
_RISC = "https://schemas.openid.net/secevent/risc/event-type/"
LONGEST_ID = 255
LONGEST_JTI = 255
# A transmitter gives up after 30 days; so long a token may come late, and its `jti` is remembered.
OLDEST_SECONDS = 31 * 24 * 3600


@unique
class Kind(Enum):
    """The events that change something here."""

    SESSION_REVOKED = _CAEP + "session-revoked"
    CLAIMS_CHANGED = _CAEP + "token-claims-change"
    CREDENTIAL_CHANGED = _CAEP + "credential-change"
    ACCOUNT_DISABLED = _RISC + "account-disabled"
    ACCOUNT_ENABLED = _RISC + "account-enabled"
    ACCOUNT_PURGED = _RISC + "account-purged"


ENDING_ORGANISATION = frozenset({Kind.SESSION_REVOKED, Kind.ACCOUNT_DISABLED, Kind.ACCOUNT_PURGED})
SUSPENDED = "suspended"  # any other `organisation_state`, and none, is a plain revocation


@unique
class Fault(Enum):
    """The error codes of RFC 8935 section 2.4."""

    INVALID_REQUEST = "invalid_request"
    INVALID_KEY = "invalid_key"
    INVALID_ISSUER = "invalid_issuer"
    INVALID_AUDIENCE = "invalid_audience"
    AUTHENTICATION_FAILED = "authentication_failed"


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a token is not believed; the description goes back to the transmitter."""

    fault: Fault
    description: str


@dataclass(frozen=True, slots=True)
class Early:
    """By the clock here it is not issued yet: it is kept by the transmitter, never lost."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose tokens are believed here, and for whom they have to be."""

    issuer: str
    audience: str
    skew: int


@dataclass(frozen=True, slots=True)
class Signal:
    """One event about a person, one of their sessions, or a whole organisation.

    `kind` is None for an event that means nothing here: it is acknowledged, and that is all.
    """

    kind: Kind | None
    jti: str
    issued_at: int
    issuer: str
    subject: str | None
    session: str | None
    organisation: str | None
    access_revision: int | None
    claims: Mapping[str, Any]
    changed_ms: int | None = None  # when the change was made there, in milliseconds
    organisation_state: str | None = None  # of a whole organisation, if the platform said it

    @property
    def expires_at(self) -> int:
        """From then on the token is too old to be believed, so its `jti` may be forgotten."""
        return self.issued_at + OLDEST_SECONDS

    @property
    def ends_organisation(self) -> bool:
        """The access of everybody there, and not of one session or person."""
        alone = self.subject is None and self.session is None
        return alone and self.kind in ENDING_ORGANISATION

    @property
    def suspends(self) -> bool:
        """Nobody there may come back: more than a revocation, after which they log in again."""
        return self.kind is not Kind.SESSION_REVOKED or self.organisation_state == SUSPENDED


def read(claims: Mapping[str, Any], expected: Expected, now: int) -> Signal | Rejected | Early:
    """The event, or why it is not believed (yet)."""
    rejected = _rejected(claims, expected, now)
    if rejected is not None:
        return rejected
    if claims["iat"] > now + expected.skew:
        return Early()
    name, event = next(iter(claims["events"].items()))
    subject = _subject_of(claims.get("sub_id", event.get("subject")), expected.issuer)
    if isinstance(subject, Rejected):
        return subject
    person, session, organisation = subject
    return Signal(
        kind=next((kind for kind in Kind if kind.value == name), None),
        jti=claims["jti"],
        issued_at=int(claims["iat"]),
        issuer=expected.issuer,
        subject=person,
        session=session,
        organisation=organisation,
        access_revision=_revision(event.get("access_revision")),
        claims=_object(event.get("claims")),
        changed_ms=_milliseconds(event, now),
        organisation_state=_text(event.get("organisation_state"), LONGEST_ID),
    )


def _rejected(claims: Mapping[str, Any], expected: Expected, now: int) -> Rejected | None:
    """RFC 8417 sections 2.2 and 4: an ID token or logout token is never taken for one of these."""
    if claims.get("iss") != expected.issuer:
        return Rejected(Fault.INVALID_ISSUER, "iss is not the configured issuer")
    audience = claims.get("aud")
    if expected.audience not in (audience if isinstance(audience, list) else [audience]):
        return Rejected(Fault.INVALID_AUDIENCE, "aud does not name this receiver")
    fault = _fault_of_form(claims) or _fault_of_time(claims.get("iat"), now)
    return None if fault is None else Rejected(Fault.INVALID_REQUEST, fault)


def _fault_of_form(claims: Mapping[str, Any]) -> str | None:
    if _text(claims.get("jti"), LONGEST_JTI) is None:
        return "jti is missing or unusable"
    if "nonce" in claims or "exp" in claims:
        return "nonce and exp do not belong into an event token"
    events = claims.get("events")
    if not isinstance(events, dict) or len(events) != 1:
        return "events has to hold exactly one event"
    if not all(isinstance(event, dict) for event in events.values()):
        return "the event is no object"
    return None


def _fault_of_time(issued_at: Any, now: int) -> str | None:
    if isinstance(issued_at, bool) or not isinstance(issued_at, int):
        return "iat is missing or no time"
    if not now - OLDEST_SECONDS < issued_at < now + OLDEST_SECONDS:
        return "iat is too old, or no clock can be so wrong"
    return None


Subject = tuple[str | None, str | None, str | None]


def _subject_of(sub_id: Any, issuer: str) -> Subject | Rejected:
    """Person, session, organisation (RFC 9493, and complex subjects of Shared Signals).

    A person of another issuer is nobody here, byte by byte. A session that cannot be read never
    makes its organisation the subject.
    """
    given = _object(sub_id)
    if given.get("format") == "complex":
        person = _person(given.get("user"), issuer) if "user" in given else None
        session = _text(_object(given.get("session")).get("id"), LONGEST_ID)
        organisation = _text(_object(given.get("tenant")).get("id"), LONGEST_ID)
    else:
        person, session, organisation = _person(given, issuer), None, None
    narrower = "user" in given or ("session" in given and session is None)
    if person is None and (organisation is None or narrower):
        return Rejected(Fault.INVALID_REQUEST, "sub_id names nobody whom this receiver can know")
    return person, session, organisation


def _person(value: Any, issuer: str) -> str | None:
    given = _object(value)
    if given.get("format") != "iss_sub" or given.get("iss") != issuer:
        return None
    return _text(given.get("sub"), LONGEST_ID)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any, longest: int) -> str | None:
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        return None
    return value


def _milliseconds(event: Mapping[str, Any], now: int) -> int | None:
    """CAEP section 2: `event_timestamp` is in seconds; ours says milliseconds beside it.

    It only measures. A time that cannot be, or that is too old to be a measurement, is none.
    """
    exact, seconds = event.get("event_timestamp_ms"), event.get("event_timestamp")
    if isinstance(exact, int) and not isinstance(exact, bool):
        found = exact
    elif isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds < 2**33:
        found = int(seconds * 1000)
    else:
        return None
    return found if (now - OLDEST_SECONDS) * 1000 < found <= (now + 1) * 1000 else None


def _revision(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 2**63 else None
