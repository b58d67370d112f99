"""Reminding many people, and proposing accounts for them: begun here, done by `mover.Mover`."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.db import Database, Tx
from kernel.opaque import new_id
from live_agent.audit import actions as audit
from live_agent.moves.runs_rules import Kind, Run, RunState
from live_agent.moves.store import runs as store

LISTED = 10


@dataclass(frozen=True, slots=True)
class Asker:
    """Who begins a deed: an administrator, or an operator on the command line."""

    id: str
    name: str


OPERATOR = Asker("operator", "an operator of Live Agent")


async def begin(
    tx: Tx, account_id: int, kind: Kind, user_ids: Sequence[str], now: int, *, by: Asker
) -> str:
    """Keep who it is for; the background does the rest. Returns the run's id."""
    run = Run(
        id=new_id("mr_"),
        account_id=account_id,
        kind=kind,
        asked_by=by.id,
        asked_by_name=by.name,
        state=RunState.RUNNING,
        total=len(user_ids),
        done=0,
        created_at=now,
    )
    await store.add(tx, run, user_ids)
    await audit.record(
        tx,
        "migration.run_begun",
        now,
        account_id=account_id,
        run_id=run.id,
        kind=kind.name.lower(),
        people=run.total,
        by=by.id,
    )
    return run.id


async def stop(tx: Tx, account_id: int, run_id: str, now: int, *, by: str) -> bool:
    """What is done stays done. False if it is over, or of another account."""
    if await store.find(tx, account_id, run_id) is None:
        return False
    stopped = await store.set_state(tx, run_id, RunState.STOPPED, next_at=now, finished_at=now)
    if stopped:
        await audit.record(
            tx, "migration.run_stopped", now, account_id=account_id, run_id=run_id, by=by
        )
    return stopped


async def list_runs(db: Tx | Database, account_id: int) -> list[Run]:
    """The newest first."""
    return await store.list_runs(db, account_id, LISTED)
