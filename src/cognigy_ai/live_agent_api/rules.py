"""What an account of Live Agent is, seen from here."""

from dataclasses import dataclass

ACTIVE, SUSPENDED = "active", "suspended"
LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as Live Agent tells it."""

    id: int
    name: str
    organisation_id: str | None
    suspended: bool
    oauth_login: bool
