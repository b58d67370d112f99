"""Conflicts between an identity and users, and what may be decided about them (ADR 0027).

A decision is about exactly what was looked at: that issuer and subject, that address, that kind and
those candidates. If any of it is different when the person comes, it does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, unique
from typing import Any

from live_agent.agents.rules import User

DAY = 86_400
# How long the person has to come. What keeps things as they are stands longer.
SECONDS_TO_COME = 7 * DAY
SECONDS_STANDING = 90 * DAY
LONGEST_REASON = 500


class Conflict(Enum):
    """What only an administrator can decide."""

    AMBIGUOUS = "ambiguous"
    OTHER_SUBJECT = "other_subject"
    ADDRESS_HELD = "address_held"
    LINKING_OFF = "linking_off"
    PUT_BACK = "put_back"  # the identity of somebody who was put back; only ever rejected


@dataclass(frozen=True, slots=True)
class Dispute:
    """A line of the administrators' queue, as a login or a signal notes it."""

    account_id: int
    kind: Conflict
    issuer: str
    subject: str
    email: str
    user_ids: tuple[str, ...]
    name: str = ""
    email_verified: bool = False
    roles: tuple[str, ...] = ()


@unique
class Outcome(StrEnum):
    """What is decided."""

    LINK = "link"  # the identity is that user's person
    REJECT = "reject"  # the identity gets in as nobody
    SEPARATE = "separate"  # they are two people


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision in force, as a login meets it."""

    decision_id: str
    outcome: Outcome
    kind: Conflict
    user_ids: tuple[str, ...]
    user_id: str | None
    decided_by: str | None

    def is_about(self, kind: Conflict | None, user_ids: Sequence[str]) -> bool:
        """Is what the login meets what was looked at?"""
        return kind is self.kind and frozenset(user_ids) == frozenset(self.user_ids)


@dataclass(frozen=True, slots=True)
class Case:
    """A conflict as administrators see it."""

    id: str
    account_id: int
    account_name: str
    kind: Conflict
    issuer: str
    subject: str
    email: str
    email_key: str
    name: str
    email_verified: bool
    roles: tuple[str, ...]
    user_ids: tuple[str, ...]
    reference: str
    first_at: int
    last_at: int
    times: int
    resolved_at: int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a case, by whom, and what became of it."""

    id: str
    conflict_id: str
    outcome: Outcome
    user_id: str | None
    reason: str
    decided_by: str | None
    decided_by_name: str | None
    decided_at: int
    approved_by: str | None
    approved_by_name: str | None
    approved_at: int | None
    expires_at: int
    ended_at: int | None
    ended_because: str | None

    def state(self, now: int) -> str:
        """waiting | in_force | used | withdrawn | declined | expired."""
        if self.ended_because is not None:
            return self.ended_because
        if self.expires_at <= now:
            return "expired"
        return "waiting" if self.approved_at is None else "in_force"

    def is_open(self, now: int) -> bool:
        return self.state(now) in ("waiting", "in_force")


def choices(case: Case, candidates: Sequence[User], *, linking: bool) -> tuple[str, ...]:
    """The ids of the users whom the identity may be linked to; the other outcomes always are."""
    if not linking or case.kind is Conflict.LINKING_OFF:
        return ()
    free = [one for one in candidates if not one.disabled]
    if case.kind is Conflict.AMBIGUOUS:
        # Nobody confirmed the address on both sides? Then the person proves the user, as always.
        return tuple(one.id for one in free if not one.linked)
    if len(candidates) != 1 or not case.email_verified:
        return ()
    if case.kind is Conflict.OTHER_SUBJECT:
        return tuple(one.id for one in free if one.linked)
    return tuple(one.id for one in free if not one.linked and one.confirmed)


def can_be_rejected(kind: Conflict) -> bool:
    """Whoever has a user here already and only changed the address goes on: it would say what is
    not so, and shut the person out by surprise when the user is gone.
    """
    return kind is not Conflict.ADDRESS_HELD


def is_party(decider_id: str, owner_id: str | None, case: Case) -> bool:
    """Nobody decides about a user or an identity of their own (lesson 20)."""
    return decider_id in case.user_ids or decider_id == owner_id


def expires_at(kind: Conflict, outcome: Outcome, now: int) -> int:
    """When the decision is forgotten, and the conflict is one again."""
    stands = outcome is Outcome.REJECT or (
        kind is Conflict.ADDRESS_HELD and outcome is Outcome.SEPARATE
    )
    return now + (SECONDS_STANDING if stands else SECONDS_TO_COME)


def decision_from(row: Mapping[str, Any]) -> Decision:
    """A decision from its row, joined with the names."""
    return Decision(
        id=row["id"],
        conflict_id=row["conflict_id"],
        outcome=Outcome(row["outcome"]),
        user_id=row["user_id"],
        reason=row["reason"],
        decided_by=row["decided_by"],
        decided_by_name=row["decided_by_name"],
        decided_at=row["decided_at"],
        approved_by=row["approved_by"],
        approved_by_name=row["approved_by_name"],
        approved_at=row["approved_at"],
        expires_at=row["expires_at"],
        ended_at=row["ended_at"],
        ended_because=row["ended_because"],
    )
