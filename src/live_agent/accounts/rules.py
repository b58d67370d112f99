"""What an account is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_NUMBER = 2**31 - 1  # of an account: PostgreSQL's integer
LONGEST_NAME = 200
LONGEST_ORGANISATION = 255


@dataclass(frozen=True, slots=True)
class Account:
    """One customer's Live Agent. Without an organisation it is reached by /old-login only."""

    id: int
    name: str
    organisation_id: str | None
    oauth_login: bool  # people may log in through the platform
    linking: bool  # a first login may take over an old user
    created_at: int
    suspended_at: int | None
    second_approval: bool = False  # a second administrator approves decisions about conflicts

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None


def account_from(row: Mapping[str, Any]) -> Account:
    """An account from its row."""
    return Account(
        id=row["id"],
        name=row["name"],
        organisation_id=row["organisation_id"],
        oauth_login=bool(row["oauth_login"]),
        linking=bool(row["linking"]),
        created_at=row["created_at"],
        suspended_at=row["suspended_at"],
        second_approval=bool(row["second_approval"]),
    )
