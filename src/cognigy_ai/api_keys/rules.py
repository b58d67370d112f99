"""What an API key is, and how long it may live."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

PREFIX = "ck_"
API_KEY = re.compile(r"ck_[\w-]{43}", re.ASCII)
KEY_ID = re.compile(r"[0-9a-f]{32}")
HINT_CHARACTERS = 8
LONGEST_NAME = 200

DAY_SECONDS = 24 * 3600
HOUR_SECONDS = 3600
DAYS = (30, 90, 365)
DEFAULT_DAYS = 90
MOST_DAYS = 365
A_DATE = "date"  # the choice of a day instead of one of DAYS
MOST_OVERLAP_HOURS = 7 * 24
MOST_OF_ONE_OWNER = 25  # that are valid at one time
USE_NOTED_EVERY_SECONDS = 60
KEPT_AFTER_END_SECONDS = 90 * DAY_SECONDS

ACTIVE, EXPIRED, REVOKED = "active", "expired", "revoked"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose a key is; both are None for an operator's."""

    owner_id: str | None = None
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as lists show it. Without an owner it is an operator's, for every organisation."""

    id: str
    hint: str
    name: str
    owner_id: str | None
    owner_name: str | None
    owner_email: str | None
    organisation_id: str | None
    created_at: int
    expires_at: int
    last_used_at: int | None
    revoked_at: int | None

    @property
    def place(self) -> Place:
        return Place(self.owner_id, self.organisation_id)

    def state(self, now: int) -> str:
        if self.revoked_at is not None:
            return REVOKED
        return ACTIVE if now < self.expires_at else EXPIRED


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks with a key, with the roles that its owner has at this moment."""

    key_id: str
    owner_id: str | None
    organisation_id: str | None
    roles: tuple[str, ...]
    last_used_at: int | None = None

    def use_is_to_be_noted(self, now: int) -> bool:
        return self.last_used_at is None or now - self.last_used_at >= USE_NOTED_EVERY_SECONDS


@dataclass(frozen=True, slots=True)
class MadeKey:
    """What its owner is shown once."""

    id: str
    secret: str = field(repr=False)
    expires_at: int


def is_api_key(text: str) -> bool:
    """Has it the form of our keys?"""
    return API_KEY.fullmatch(text) is not None


def is_key_id(text: str) -> bool:
    """Has it the form of a key's id?"""
    return KEY_ID.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Fit to be shown: not blank, not too long, one line."""
    return bool(text.strip()) and len(text) <= LONGEST_NAME and text.isprintable()


def is_end(expires_at: int, now: int) -> bool:
    """A key ends, and within a year."""
    return now < expires_at <= now + MOST_DAYS * DAY_SECONDS


def end_of(choice: str, day: str, now: int) -> int | None:
    """When a key ends that a form asks for: one of DAYS, or at the end of a day; None: invalid."""
    if choice in map(str, DAYS):
        return now + int(choice) * DAY_SECONDS
    if choice != A_DATE:
        return None
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        return None
    if not first_day(now) <= chosen <= last_day(now):
        return None
    midnight = datetime.combine(chosen + timedelta(days=1), time(), UTC)
    return min(int(midnight.timestamp()), now + MOST_DAYS * DAY_SECONDS)


def first_day(now: int) -> date:
    """Today: such a key ends at midnight (UTC)."""
    return datetime.fromtimestamp(now, UTC).date()


def last_day(now: int) -> date:
    """The last day that a new key may be valid on."""
    return first_day(now) + timedelta(days=MOST_DAYS)


def end_after_rotation(key: ApiKey, now: int) -> int:
    """The new key lives as long as the old one was meant to."""
    return now + min(max(key.expires_at - key.created_at, HOUR_SECONDS), MOST_DAYS * DAY_SECONDS)
