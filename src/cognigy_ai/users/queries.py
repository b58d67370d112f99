"""What a list of people is asked for, and what it shows of each."""

from dataclasses import dataclass
from enum import Enum, unique

from kernel.keyset import Cursor

PAGE = 50
MOST_ON_A_PAGE = 100


@unique
class Sort(Enum):
    """What a list is sorted by."""

    NAME = "name"
    EMAIL = "email"
    ACTIVE = "active"


@unique
class State(Enum):
    """What a list is narrowed to."""

    ACTIVE = "active"  # not disabled
    DISABLED = "disabled"
    INVITED = "invited"  # no password yet
    NEVER = "never"  # never signed in


@dataclass(frozen=True, slots=True)
class Person:
    """A person as administrators see them. `created_by` and `changed_by` are ids of actors."""

    id: str
    organisation_id: str
    email: str
    email_verified: bool
    name: str
    locale: str
    roles: tuple[str, ...]
    disabled: bool
    has_password: bool
    must_change_password: bool
    created_at: int
    created_by: str | None
    changed_at: int | None
    changed_by: str | None
    last_login_at: int | None
    last_active_at: int | None  # none: never

    @property
    def state(self) -> State:
        """The one that says most."""
        if self.disabled:
            return State.DISABLED
        if not self.has_password:
            return State.INVITED
        return State.ACTIVE if self.last_active_at else State.NEVER


@dataclass(frozen=True, slots=True)
class Query:
    """`words`: each has to be the beginning of a word of the name or the address."""

    organisation_id: str
    words: tuple[str, ...] = ()
    role: str | None = None
    state: State | None = None
    sort: Sort = Sort.NAME
    descending: bool = False
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Page:
    """`total` where it is known: an exact number, or None for more than can be counted at once."""

    people: tuple[Person, ...]
    total: int | None
    previous: Cursor | None = None
    next: Cursor | None = None
