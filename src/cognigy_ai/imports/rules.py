"""What a list of people says, and what becomes of each of its rows.

The dry run and the import decide by the same function; the import reads the person anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique

from cognigy_ai.roles.rules import BASE_ROLE, Permission, may, may_change, may_give, unknown_role
from cognigy_ai.users.rules import LOCALES, is_name
from kernel.emails import email_key, is_address
from kernel.spreadsheet import is_formula

CHECKED, WAITING, RUNNING, DONE, STOPPED = "checked", "waiting", "running", "done", "stopped"
CREATED, CHANGED, UNCHANGED, REFUSED, NOT_DONE = (
    "created",
    "changed",
    "unchanged",
    "refused",
    "not_done",
)
FATES = (CREATED, CHANGED, UNCHANGED, REFUSED, NOT_DONE)
NAME, LOCALE, ROLE = "name", "locale", "+"
DEFAULT_LOCALE = "en"
DAY = 24 * 3600
FORGOTTEN_AFTER_SECONDS = DAY  # a list that nobody started
KEPT_SECONDS = 30 * DAY  # what became of one, and a proposal that nobody decided about


@unique
class Reason(Enum):
    """Why a row is refused."""

    EMAIL_MISSING = "email_missing"
    EMAIL_INVALID = "email_invalid"
    NAME_MISSING = "name_missing"
    NAME_INVALID = "name_invalid"
    FORMULA = "formula"
    LOCALE_UNKNOWN = "locale_unknown"
    ROLE_UNKNOWN = "role_unknown"
    TOO_MANY_CELLS = "too_many_cells"
    TWICE = "twice"
    ADMINISTRATOR = "administrator"
    ROLE_NOT_YOURS = "role_not_yours"
    NOT_ALLOWED = "not_allowed"
    MAILED_ENOUGH = "mailed_enough"
    UNREADABLE = "unreadable"
    DECLINED = "declined"
    IN_BETWEEN = "in_between"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file; `fault` is what is wrong with it whoever it is about."""

    number: int
    email: str
    name: str
    roles: tuple[str, ...]
    locale: str
    fault: Reason | None = None

    @property
    def key(self) -> str:
        return email_key(self.email)

    def sealed(self) -> list[object]:
        """What is kept of it until it is done."""
        fault = self.fault.value if self.fault else None
        return [self.email, self.name, list(self.roles), self.locale, fault]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the organisation has already."""

    id: str
    name: str
    locale: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a row. `detail` is stored: what changes, or the reason of a refusal."""

    fate: str
    name: str | None = None  # the new one
    locale: str | None = None
    roles: tuple[str, ...] = ()  # that are given
    reason: Reason | None = None

    @property
    def detail(self) -> str:
        if self.reason is not None:
            return self.reason.value
        changes = [word for word in (NAME, LOCALE) if getattr(self, word) is not None]
        given = [ROLE + role for role in self.roles]
        return " ".join(given if self.fate == CREATED else changes + given)


@dataclass(frozen=True, slots=True)
class NewRow:
    """A line of a file as it is kept, with what would become of it now."""

    number: int
    sealed: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Import:
    """One uploaded list."""

    id: str
    organisation_id: str
    file_name: str
    asked_by: str
    state: str
    invite: bool
    total: int
    done: int
    created_at: int
    started_at: int | None
    finished_at: int | None
    asked_by_name: str | None = None  # if the person is still there
    proposed_by: str | None = None  # who in Live Agent

    @property
    def proposed(self) -> bool:
        """Does it wait for somebody's decision, whoever that is?"""
        return self.proposed_by is not None and self.state == CHECKED

    @property
    def under_way(self) -> bool:
        return self.state in (WAITING, RUNNING)

    @property
    def over(self) -> bool:
        return self.state in (DONE, STOPPED)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as pages show it. What was typed is there until the row is done."""

    number: int
    fate: str
    detail: str
    done_at: int | None
    line: Line | None
    user_id: str | None
    email: str | None  # of the person whom the row made or changed


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a page of rows is: after one line of the file, or before one."""

    after: int = 0
    before: int | None = None


FIRST_ROWS = RowPlace()


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows, and whether there are some before and behind."""

    rows: tuple[Row, ...]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows have which fate, and which reason."""

    fates: Mapping[str, int]
    reasons: Mapping[str, int] = field(default_factory=dict)

    def of(self, fate: str) -> int:
        return self.fates.get(fate, 0)

    @property
    def effective(self) -> int:
        """How many people an import would make or change."""
        return self.of(CREATED) + self.of(CHANGED)


def fault_of(line: Line, known: Mapping[str, int]) -> Reason | None:
    """What is wrong with a row by itself; `known` has the addresses of the rows before it."""
    named = line.name or "-"
    for wrong, reason in (
        (not line.email, Reason.EMAIL_MISSING),
        (not is_address(line.email), Reason.EMAIL_INVALID),
        (line.key in known, Reason.TWICE),
        (is_formula(line.name), Reason.FORMULA),
        (not is_name(named), Reason.NAME_INVALID),
        (line.locale not in ("", *LOCALES), Reason.LOCALE_UNKNOWN),
        (unknown_role(line.roles) is not None, Reason.ROLE_UNKNOWN),
    ):
        if wrong:
            return reason
    return None


def decide(line: Line, person: Person | None, by: Iterable[str]) -> Decision:
    """What becomes of the row, for somebody with the roles `by`. Roles are given, never taken."""
    mine = tuple(by)
    if line.fault is not None:
        return _refused(line.fault)
    if not may(mine, Permission.USERS_WRITE):
        return _refused(Reason.NOT_ALLOWED)
    have = () if person is None else person.roles
    wanted = tuple(role for role in line.roles if role not in have and role != BASE_ROLE)
    if not all(may_give(mine, role) for role in wanted):
        return _refused(Reason.ROLE_NOT_YOURS)
    if person is None:
        if not line.name:
            return _refused(Reason.NAME_MISSING)
        return Decision(CREATED, line.name, line.locale or DEFAULT_LOCALE, wanted)
    return _change(line, person, wanted, mine)


def _change(line: Line, person: Person, wanted: tuple[str, ...], mine: tuple[str, ...]) -> Decision:
    """An empty cell leaves things as they are."""
    name = line.name if line.name not in ("", person.name) else None
    locale = line.locale if line.locale not in ("", person.locale) else None
    if name is None and locale is None and not wanted:
        return Decision(UNCHANGED)
    if not may_change(mine, person.roles):
        return _refused(Reason.ADMINISTRATOR)
    return Decision(CHANGED, name, locale, wanted)


def _refused(reason: Reason) -> Decision:
    return Decision(REFUSED, reason=reason)
