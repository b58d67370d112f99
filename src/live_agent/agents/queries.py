"""What the list of an account's people is asked for, and what it shows of each."""

from dataclasses import dataclass
from enum import Enum, unique

from kernel.keyset import Cursor
from live_agent.agents.rules import User

PAGE = 50
COUNTED = 10_000  # more than these are "many"


@unique
class Sort(Enum):
    """What the list is sorted by."""

    NAME = "name"
    EMAIL = "email"
    LOGIN = "login"

    @property
    def key_type(self) -> type[str] | type[int]:
        return int if self is Sort.LOGIN else str


@unique
class State(Enum):
    """What the list is narrowed to."""

    LINKED = "cognigy"  # log in through Cognigy.AI
    OLD = "old"  # log in with an old password
    PENDING = "pending"  # old, and the address is not confirmed
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Query:
    """`words`: each has to be the beginning of a word of the name or the address."""

    account_id: int
    words: tuple[str, ...] = ()
    role: str | None = None
    state: State | None = None
    sort: Sort = Sort.NAME
    descending: bool = False
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Page:
    """`total`: how many fit, counted up to one more than `COUNTED`."""

    people: tuple[User, ...]
    total: int
    previous: Cursor | None = None
    next: Cursor | None = None
