"""What a session is, and who counts as present."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from live_agent.agents.rules import Right
from live_agent.agents.rules import rights_of as rights_of_roles

SEEN_EVERY_SECONDS = 60  # `seen_at` is written at most so often
PRESENT_SECONDS = 30 * 60  # a browser that asked for nothing so long is taken for closed


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in; roles are those of this moment, read with the session."""

    fingerprint: str
    user_id: str
    account_id: int
    account_name: str
    name: str
    email: str
    roles: tuple[str, ...]
    presence: str
    method: str  # cognigy | old
    linked: bool  # e-mail, name and password belong to Cognigy.AI
    created_at: int
    expires_at: int
    seen_at: int
    checked_at: int  # when the platform last confirmed that the person has access
    unreachable_since: int | None  # the platform does not answer
    has_tokens: bool  # only what a platform login began can be asked about

    @property
    def rights(self) -> frozenset[Right]:
        return rights_of_roles(self.roles)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the same account, as the others see them."""

    name: str
    email: str
    roles: tuple[str, ...]
    presence: str  # "offline" for whoever has no live session


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody's live sessions: when one of them was used last, and how many there are."""

    seen_at: int
    number: int


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who works in an account, as programs read it."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]
    presence: str  # "offline" for whoever has no live session


@dataclass(frozen=True, slots=True)
class Place:
    """One live session, as its owner and the administrators of the account see it."""

    fingerprint: str
    user_id: str
    name: str
    email: str
    method: str  # cognigy | old
    user_agent: str
    created_at: int
    seen_at: int
    expires_at: int


def session_from(row: Mapping[str, Any]) -> Session:
    """A session from its row, joined with user and account."""
    return Session(
        fingerprint=row["fingerprint"],
        user_id=row["user_id"],
        account_id=row["account_id"],
        account_name=row["account_name"],
        name=row["name"],
        email=row["email"],
        roles=tuple(row["roles"].split()),
        presence=row["presence"],
        method=row["method"],
        linked=row["subject"] is not None,
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        seen_at=row["seen_at"],
        checked_at=row["checked_at"],
        unreachable_since=row["unreachable_since"],
        has_tokens=bool(row["has_tokens"]),
    )


def presence_shown(chosen: str, seen_at: int | None, now: int) -> str:
    """What others see: what the person chose, while they are there."""
    present = seen_at is not None and seen_at > now - PRESENT_SECONDS
    return chosen if present else "offline"
