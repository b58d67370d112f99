"""What an audit event is, which of them somebody asks for, and where a page of them begins."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

NOTHING: Mapping[str, object] = {}
CURSOR = re.compile(r"([0-9]{1,12})\.([0-9a-f]{32}|au_[0-9a-f]{32})")
GROUP = re.compile(r"[a-z_]{1,32}")
IDENTIFIER = re.compile(r"[A-Za-z0-9._~-]{1,128}")
FIRST_YEAR, LAST_YEAR = 1970, 9998
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the trail. Names and addresses are those of people who are still there."""

    id: str
    at: int
    event: str
    reference: str | None
    owner: str | int | None  # whose trail: an organisation's id, an account's number
    user_id: str | None  # whom it is about
    actor_kind: str
    actor_id: str | None
    details: Mapping[str, object]
    user_name: str | None = None
    user_email: str | None = None
    actor_name: str | None = None
    actor_email: str | None = None

    @property
    def cursor(self) -> "Cursor":
        return Cursor(self.at, self.id)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place of an event in the order of time."""

    at: int
    id: str

    def __str__(self) -> str:
        return f"{self.at}.{self.id}"


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What somebody wants to see; what is None or empty is not asked for.

    `group` is the noun of `noun.verb`; `since` is inclusive, `until` is not.
    """

    group: str | None = None
    event: str | None = None
    user_id: str | None = None
    actor_id: str | None = None
    since: int | None = None
    until: int | None = None

    def asked(self) -> dict[str, object]:
        """Only what is asked for, as the store names it."""
        values: dict[str, object] = {
            "event": self.event,
            "user": self.user_id,
            "by": self.actor_id,
            "since": self.since,
            "until": self.until,
        }
        if self.group:
            # Everything that begins with "user." is at least that, and less than "user/".
            values |= {"first_of_group": f"{self.group}.", "after_group": f"{self.group}/"}
        return {name: value for name, value in values.items() if value is not None}


EVERYTHING = EventFilter()


@dataclass(frozen=True, slots=True)
class EventPage:
    """The newest first; `older` and `newer` are where the neighbouring pages begin, if any."""

    events: tuple[Event, ...]
    older: Cursor | None
    newer: Cursor | None


def parse_cursor(text: str) -> Cursor | None:
    """What `str(cursor)` said, or None."""
    found = CURSOR.fullmatch(text)
    return None if found is None else Cursor(int(found[1]), found[2])


def is_group(text: str) -> bool:
    """Can it be the noun of an event?"""
    return GROUP.fullmatch(text) is not None


def is_identifier(text: str) -> bool:
    """Can it be the id of a person, a key or a client?"""
    return IDENTIFIER.fullmatch(text) is not None


def start_of_day(text: str) -> int | None:
    """`2026-11-22` in UTC, or None if it is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def end_of_day(text: str) -> int | None:
    """The first second of the day after."""
    start = start_of_day(text)
    return None if start is None else start + int(timedelta(days=1).total_seconds())


def kept_from(now: int, minutes: int) -> int | None:
    """Events before this are removed; None: they are kept for ever."""
    return now - minutes * MINUTE if minutes else None
