"""The inventory of doors, read in one moment; and closing every door of a person at once."""

from collections import defaultdict
from dataclasses import dataclass

from kernel.db import Database, Row, Tx
from kernel.problems import ProblemError
from live_agent.accounts import actions as accounts
from live_agent.accounts.rules import Account
from live_agent.agents import actions as agents
from live_agent.agents import identities
from live_agent.agents.rules import User
from live_agent.audit import actions as audit
from live_agent.break_glass import actions as break_glass
from live_agent.doors.rules import Count, Door, DoorState, Facts, doors_of
from live_agent.doors.store import inventory as store
from live_agent.ledger import actions as ledger
from live_agent.ledger.rules import Deed, Entry, How
from live_agent.migration import actions as migration
from live_agent.problems import Problem
from live_agent.sessions import actions as sessions

# Kinds of rows that are no door of their own.
DOORS = {"break_glass_link": Door.BREAK_GLASS, "way_back": Door.RESET}


@dataclass(frozen=True, slots=True)
class Closing:
    """Whose doors are closed, why, and by whom: an administrator, or None: the operator."""

    account_id: int
    user_id: str
    reason: str
    by: str | None


async def list_of_account(
    database: Database, account_id: int, now: int
) -> list[tuple[User, list[DoorState]]]:
    """Everybody of the account with all doors."""
    async with database.transaction() as tx:
        account = await _account(tx, account_id)
        people = await agents.list_users(tx, account_id)
        return await _with_doors(tx, account, people, "", now)


async def list_of_user(database: Database, user: User, now: int) -> list[DoorState]:
    """One user's doors."""
    async with database.transaction() as tx:
        account = await _account(tx, user.account_id)
        ((_, doors),) = await _with_doors(tx, account, [user], user.id, now)
        return doors


async def may_let_in(tx: Tx | Database, account_id: int, user_id: str, by: str) -> bool:
    """Somebody else, disabled here, who kept the identity or the old login.

    Nobody whom Cognigy.AI deleted, and no user that another one took the place of.
    """
    if by == user_id or not await identities.is_locked_out(tx, account_id, user_id):
        return False
    lines = await ledger.list_of_user(tx, account_id, user_id)
    links = [line.entry.deed for line in lines if line.entry.deed is not Deed.CLOSED]
    return not links or links[0] is not Deed.RETIRED


async def let_in(tx: Tx, closing: Closing, now: int) -> None:
    """What `close_all` or a disabling did, undone by an administrator: the doors may open again."""
    assert closing.by is not None
    await accounts.lock(tx, closing.account_id)
    if not await may_let_in(tx, closing.account_id, closing.user_id, closing.by):
        raise ProblemError(Problem.PAGE_NOT_FOUND, user_id=closing.user_id)
    await agents.enable(
        tx, closing.account_id, closing.user_id, now, by=closing.by, reason=closing.reason
    )


async def close_all(tx: Tx, closing: Closing, now: int) -> None:
    """Disabled, without password, links, proofs, tokens and sessions: in one transaction.

    Never one's own, and never the last administrator's.
    """
    if closing.by == closing.user_id:
        raise ProblemError(Problem.OWN_USER, user_id=closing.user_id)
    await accounts.lock(tx, closing.account_id)
    user = await agents.get(tx, closing.account_id, closing.user_id)
    if user is None:
        raise ProblemError(Problem.PAGE_NOT_FOUND, account_id=closing.account_id)
    await identities.check_not_last(tx, user)
    await agents.disable(tx, user.account_id, user.id, now)
    await identities.erase_password(tx, user.id)
    await identities.close_doors(tx, user.id, now)
    await migration.void_pending(tx, user.id, now)
    await break_glass.void_of_user(tx, user.id, now)
    ended = await sessions.end_of_user(tx, user.id, "doors_closed", now)
    entry = Entry(
        account_id=user.account_id,
        user_id=user.id,
        deed=Deed.CLOSED,
        issuer=user.issuer or "",
        subject=user.subject or "",
        how=How.OPERATOR if closing.by is None else How.ADMINISTRATOR,
        by_user_id=closing.by,
        reason=closing.reason,
    )
    await ledger.write(tx, entry, now)
    await audit.record(
        tx,
        "user.doors_closed",
        now,
        user_id=user.id,
        account_id=user.account_id,
        by=closing.by or "operator",
        sessions_ended=ended,
    )


async def _account(tx: Tx, account_id: int) -> Account:
    account = await accounts.find(tx, account_id)
    if account is None:
        raise ProblemError(Problem.ACCOUNT_UNKNOWN, account_id=account_id)
    return account


async def _with_doors(
    tx: Tx, account: Account, people: list[User], user_id: str, now: int
) -> list[tuple[User, list[DoorState]]]:
    counts: defaultdict[str, dict[Door, Count]] = defaultdict(dict)
    for row in await store.counts(tx, account.id, user_id, now):
        _count(counts[row["user_id"]], row)
    disabled = await store.disabled(tx, account.id, user_id)
    return [
        (one, doors_of(Facts(one, disabled.get(one.id), counts[one.id]), account)) for one in people
    ]


def _count(counts: dict[Door, Count], row: Row) -> None:
    """A link and a session of break-glass are one door, and so are links for a new password."""
    door = DOORS.get(row["kind"]) or Door(row["kind"])
    known = counts.get(door, Count())
    counts[door] = Count(
        known.open + int(row["open"]),
        _latest(known.until, row["until"]),
        _latest(known.ended_at, row["ended_at"]),
    )


def _latest(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
