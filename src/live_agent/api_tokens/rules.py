"""What an API token is, and what the platform's answer about its owner means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_NAME = 100
MOST = 10  # of one person
USE_NOTED_EVERY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class ApiToken:
    """As its owner sees it; the secret was shown once."""

    fingerprint: str
    name: str
    created_at: int
    last_used_at: int | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose program asks, with the rights of this moment."""

    fingerprint: str
    last_used_at: int | None
    checked_at: int
    unreachable_since: int | None
    user_id: str
    account_id: int
    account_name: str
    name: str
    email: str
    roles: tuple[str, ...]
    issuer: str | None
    subject: str | None
    organisation_id: str | None
    access_revision: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The owner may go on, with these roles (Live Agent's)."""

    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """The owner has no access any more."""

    because: str


def read(person: Mapping[str, Any] | None, role_map: Mapping[str, str]) -> Confirmed | Gone:
    """None is "there is no such user" of a platform that knows its users."""
    if person is None:
        return Gone("user_deleted")
    if person.get("disabled") is not False:
        return Gone("user_disabled")
    given = person.get("roles")
    roles = given if isinstance(given, list) else []
    held = sorted({role_map[one] for one in roles if isinstance(one, str) and one in role_map})
    return Confirmed(tuple(held)) if held else Gone("roles_taken")
