"""SQL for deeds on many people: which run has whom, who is done, and which process has one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)

from kernel.db import Row, Tx
from kernel.json_rows import JsonRows, as_json
from live_agent.db.tables import move_run_users, move_runs
from live_agent.moves.runs_rules import Kind, Run, RunState

_r, _u = move_runs.c, move_run_users.c
_run = bindparam("run_id", type_=String)
_account = bindparam("account_id", type_=Integer)
_now = bindparam("now", type_=BigInteger)
_until = bindparam("until", type_=BigInteger)
_most = bindparam("most", type_=Integer)
_number = bindparam("number", type_=Integer)
_chosen = JsonRows("chosen")
_open_states: list[Any] = [
    literal_column(f"'{state.name}'") for state in (RunState.RUNNING, RunState.ASKED)
]

_ADD = insert(move_runs).values(
    id=_run,
    account_id=_account,
    kind=bindparam("kind", type_=String),
    asked_by=bindparam("asked_by", type_=String),
    asked_by_name=bindparam("asked_by_name", type_=String),
    state=RunState.RUNNING.name,
    total=bindparam("total", type_=Integer),
    done=0,
    created_at=_now,
    finished_at=None,
    leased_until=0,
    next_at=_now,
    failure=None,
)
_ADD_USERS = insert(move_run_users).from_select(
    ["run_id", "number", "user_id"],
    select(_run, _chosen.integer("number"), _chosen.text("user_id")),
)
_free = (
    select(_r.id)
    .where(_r.state.in_(_open_states), _r.leased_until <= _now, _r.next_at <= _now)
    .order_by(_r.next_at, _r.id)
    .limit(1)
    .with_for_update(skip_locked=True)  # SQLite has one writer and no such clause
    .cte("free")
)
_LEASE = (
    update(move_runs)
    .where(_r.id.in_(select(_free.c.id)))
    .values(leased_until=_until)
    .returning(*move_runs.c)
)
_RELEASE = (
    update(move_runs)
    .where(_r.id == _run, _r.state.in_(_open_states))
    .values(
        leased_until=0,
        next_at=bindparam("next_at", type_=BigInteger),
        failure=bindparam("failure", type_=String),
    )
)
_SET_STATE = (
    update(move_runs)
    .where(_r.id == _run, _r.state.in_(_open_states))
    .values(
        state=bindparam("state", type_=String),
        leased_until=0,
        next_at=bindparam("next_at", type_=BigInteger),
        finished_at=bindparam("finished_at", type_=BigInteger),
        failure=None,
    )
    .returning(_r.id)
)
_NEXT = (
    select(_u.number, _u.user_id)
    .where(_u.run_id == _run, _u.fate.is_(None), _u.number > bindparam("after", type_=Integer))
    .order_by(_u.number)
    .limit(_most)
)
# Of two processes the second waits, and then finds the person done.
_SETTLE = (
    update(move_run_users)
    .where(_u.run_id == _run, _u.number == _number, _u.fate.is_(None))
    .values(fate=bindparam("fate", type_=String), done_at=_now)
    .returning(_u.user_id)
)
_COUNT_ONE = update(move_runs).where(_r.id == _run).values(done=_r.done + 1)
_FIND = select(move_runs).where(_r.account_id == _account, _r.id == _run)
_LIST = (
    select(move_runs)
    .where(_r.account_id == _account)
    .order_by(_r.created_at.desc(), _r.id)
    .limit(_most)
)
_FATES = (
    select(_u.fate, func.count().label("number"))
    .where(_u.run_id == _run, _u.fate.is_not(None))
    .group_by(_u.fate)
)


@dataclass(frozen=True, slots=True)
class RunUser:
    """One person of a run."""

    number: int
    user_id: str


async def add(tx: Tx, run: Run, user_ids: Iterable[str]) -> None:
    await tx.one(
        _ADD,
        run_id=run.id,
        account_id=run.account_id,
        kind=run.kind.name,
        asked_by=run.asked_by,
        asked_by_name=run.asked_by_name,
        total=run.total,
        now=run.created_at,
    )
    rows = [{"number": at, "user_id": one} for at, one in enumerate(user_ids, start=1)]
    await tx.one(_ADD_USERS, run_id=run.id, chosen=as_json(rows))


async def lease(tx: Tx, now: int, until: int) -> Run | None:
    row = await tx.one(_LEASE, now=now, until=until)
    return None if row is None else _run_of(row)


async def release(tx: Tx, run_id: str, next_at: int, failure: str | None) -> None:
    await tx.one(_RELEASE, run_id=run_id, next_at=next_at, failure=failure)


async def set_state(
    tx: Tx, run_id: str, state: RunState, *, next_at: int, finished_at: int | None
) -> bool:
    """False if it is over already."""
    row = await tx.one(
        _SET_STATE, run_id=run_id, state=state.name, next_at=next_at, finished_at=finished_at
    )
    return row is not None


async def list_next(tx: Tx, run_id: str, after: int, most: int) -> list[RunUser]:
    rows = await tx.all(_NEXT, run_id=run_id, after=after, most=most)
    return [RunUser(row["number"], row["user_id"]) for row in rows]


async def settle(tx: Tx, run_id: str, number: int, fate: str, now: int) -> bool:
    """False if somebody else did it."""
    row = await tx.one(_SETTLE, run_id=run_id, number=number, fate=fate, now=now)
    if row is not None:
        await tx.one(_COUNT_ONE, run_id=run_id)
    return row is not None


async def find(tx: Tx, account_id: int, run_id: str) -> Run | None:
    row = await tx.one(_FIND, account_id=account_id, run_id=run_id)
    return None if row is None else _run_of(row)


async def list_runs(tx: Tx, account_id: int, most: int) -> list[Run]:
    return [_run_of(row) for row in await tx.all(_LIST, account_id=account_id, most=most)]


async def count_fates(tx: Tx, run_id: str) -> dict[str, int]:
    return {row["fate"]: row["number"] for row in await tx.all(_FATES, run_id=run_id)}


def _run_of(row: Row) -> Run:
    return Run(
        id=row["id"],
        account_id=row["account_id"],
        kind=Kind[row["kind"]],
        asked_by=row["asked_by"],
        asked_by_name=row["asked_by_name"],
        state=RunState[row["state"]],
        total=row["total"],
        done=row["done"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        failure=row["failure"],
    )
