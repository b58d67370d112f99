"""How far an account is with its move, and the dry run of it. Nothing here writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from kernel.db import Database, Tx
from live_agent.accounts.rules import Account
from live_agent.agents import actions as agents
from live_agent.agents.rules import User
from live_agent.conflicts import actions as conflicts
from live_agent.moves.rules import Group, Move, Place, Plan, State, count_groups, judge_all, plan_of
from live_agent.moves.store import doors as store
from live_agent.platform_people import actions as platform_people
from live_agent.platform_people.actions import Reading

__all__ = ["Foreseen", "Group", "Move", "Overview", "Plan", "State", "foresee", "look"]

DOORS = ("sessions", "api_tokens", "links", "proofs")


@dataclass(frozen=True, slots=True)
class Overview:
    """Everybody of an account who has, or had, an old password."""

    account: Account
    users: list[User]  # all of the account, for whoever counts administrators
    moves: list[Move]
    reading: Reading

    @property
    def groups(self) -> Mapping[Group, int]:
        return count_groups(self.moves)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The plan, and how many of each kind of door would close with it."""

    plan: Plan
    doors: Mapping[str, int]
    doors_of: Mapping[str, Mapping[str, int]]  # by user


async def look(database: Tx | Database, account: Account, issuer: str, now: int) -> Overview:
    """Where everybody stands, by what the platform said last."""
    reading = await platform_people.find_reading(database, account.id, now)
    people = await platform_people.list_people(database, account.id)
    users = await agents.list_users(database, account.id)
    disputed: set[str] = set()
    for ids in await store.list_disputed(database, account.id):
        disputed.update(json.loads(ids))
    verdicts = await conflicts.list_verdicts(database, account.id, issuer, now)
    place = Place(account, issuer, people, reading.read_at is not None, disputed, verdicts)
    return Overview(account, users, judge_all(place, users), reading)


async def foresee(database: Tx | Database, overview: Overview, now: int) -> Foreseen:
    """The dry run: what would happen if everybody signed in with Cognigy.AI now."""
    plan = plan_of(overview.moves, overview.users)
    doors_of = await store.count_doors(database, overview.account.id, now)
    closing = [doors_of.get(move.user.id, {}) for move in plan.moving]
    doors = {kind: sum(each.get(kind, 0) for each in closing) for kind in DOORS}
    return Foreseen(plan, doors, doors_of)
