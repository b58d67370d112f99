"""What the list of people with their open doors is asked for, and what it shows of each."""

from dataclasses import dataclass
from enum import Enum, unique

from kernel.keyset import Cursor
from live_agent.doors.rules import Door

PAGE = 50
COUNTED = 10_000  # more than these are "many"


@unique
class Sort(Enum):
    """What the list is sorted by."""

    NAME = "name"


@dataclass(frozen=True, slots=True)
class Query:
    """`words`: each has to be the beginning of a word of the name or the address.

    `door`: only people to whom this one is open.
    """

    account_id: int
    words: tuple[str, ...] = ()
    door: Door | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody of the account, with the doors that are open to them."""

    id: str
    name: str
    email: str
    name_key: str
    doors: frozenset[Door]


@dataclass(frozen=True, slots=True)
class Page:
    """`total`: how many fit, counted up to one more than `COUNTED`."""

    people: tuple[Resident, ...]
    total: int
    previous: Cursor | None = None
    next: Cursor | None = None
