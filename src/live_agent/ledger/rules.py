"""What the ledger of identities says."""

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Deed(StrEnum):
    """What became of the link between a user and an identity."""

    CREATED = "created"  # somebody new
    MOVED = "moved"  # an old user got the identity
    RELINKED = "relinked"  # the user got another identity than before
    RETIRED = "retired"  # the identity went to another user; this one is closed
    PUT_BACK = "put_back"  # the way back: the link was undone
    CLOSED = "closed"  # every door was closed; the link stays


@unique
class How(StrEnum):
    """What it rests on."""

    LOGIN = "login"
    ADDRESS = "address"  # both sides had confirmed it
    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    MAIL = "mail"
    DECISION = "decision"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    BEFORE = "before"  # linked before there was a ledger


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: for ids alone, except the reason that somebody gave."""

    account_id: int
    user_id: str
    deed: Deed
    issuer: str
    subject: str
    how: How
    by_user_id: str | None = None
    decision_id: str | None = None
    reference: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is read, with the administrator's name if that user is still there."""

    at: int
    entry: Entry
    by_name: str | None
    decided_by: str | None  # name of who decided, with a decision
    decided_why: str | None
