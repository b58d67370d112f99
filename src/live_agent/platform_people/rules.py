"""What is kept of the platform's people, and when two addresses differ only by how they look."""

import unicodedata
from collections.abc import Set
from dataclasses import dataclass
from enum import Enum, unique

from kernel.emails import email_key
from kernel.languages import n_

FRESH_SECONDS = 60  # younger than that, it is not asked again by itself
INVISIBLE = frozenset(["Cf", "Cc", "Zs", "Zl", "Zp"])  # kinds of characters that nobody sees


@unique
class Failure(Enum):
    """Why the platform's people are not known."""

    NOT_OFFERED = n_("This provider does not say who its people are.")
    REFUSED = n_("The platform does not let Live Agent ask. Its client id or secret may be wrong.")
    UNREACHABLE = n_("The platform does not answer.")
    NONSENSE = n_("The platform's answer could not be understood.")


@dataclass(frozen=True, slots=True)
class Person:
    """What a login would say of somebody at the moment of the reading; roles are Live Agent's."""

    subject: str
    email: str
    email_verified: bool
    name: str
    locale: str
    roles: tuple[str, ...]
    access_revision: int | None
    disabled: bool

    @property
    def email_key(self) -> str:
        return email_key(self.email)


@dataclass(frozen=True, slots=True)
class Reading:
    """When the platform was asked for an account, and what came of it."""

    asked_at: int
    asking: bool
    read_at: int | None
    people: int
    failure: Failure | None
    failed_at: int | None

    def is_due(self, now: int) -> bool:
        return not self.asking and self.asked_at <= now - FRESH_SECONDS


NEVER = Reading(0, asking=False, read_at=None, people=0, failure=None, failed_at=None)


def loose_key(address: str) -> str:
    """Equal for addresses that differ only by case, spaces, or characters that nobody sees.

    For telling people about it, never for deciding who somebody is: that is `email_key`.
    """
    folded = unicodedata.normalize("NFKC", address).casefold()
    return "".join(char for char in folded if unicodedata.category(char) not in INVISIBLE)


def concerns(person: Person, subjects: Set[str], loose_keys: Set[str]) -> bool:
    """Is the person anything to the account: allowed in, known, or of a known address?

    Of everybody else in the organisation nothing is kept.
    """
    may_enter = bool(person.roles)
    return may_enter or person.subject in subjects or loose_key(person.email) in loose_keys
