"""Leading an account through the move: stages, the brake, and closing the old login."""

from collections.abc import Sequence

from kernel.db import Database, Tx
from kernel.problems import ProblemError
from live_agent.agents import actions as agents
from live_agent.audit import actions as audit
from live_agent.moves import stages
from live_agent.moves.stages import Brake, Stage, Standing
from live_agent.moves.store import stages as store
from live_agent.problems import Problem
from live_agent.sessions import actions as sessions

AT_ONCE = 100
CLOSED = "old_login_closed"


async def set_stage(  # noqa: PLR0913 - who, what, when, by whom
    tx: Tx,
    account_id: int,
    user_ids: Sequence[str],
    stage: Stage,
    now: int,
    *,
    by: str,
    closes_at: int | None = None,
) -> int:
    """Lead these old users on, or back; returns how many there were.

    Raises LAST_ADMIN_UNMOVED and CLOSING_DATE_WRONG for an old login that is to close.
    """
    if stage is Stage.CLOSING:
        if closes_at is None or not now <= closes_at <= now + stages.LATEST_CLOSING:
            raise ProblemError(Problem.CLOSING_DATE_WRONG)
        if not await store.lock_administrator(tx, account_id):
            raise ProblemError(Problem.LAST_ADMIN_UNMOVED, account_id=account_id)
    else:
        closes_at = None
    led = await store.set_stage(tx, account_id, user_ids, stage, closes_at, now)
    for user_id in led:
        await audit.record(
            tx,
            "user.stage_set",
            now,
            user_id=user_id,
            account_id=account_id,
            stage=stage.name.lower(),
            closes_at=closes_at,
            by=by,
        )
    return len(led)


async def list_standings(db: Tx | Database, account_id: int) -> dict[str, Standing]:
    """Of everybody who is led, or whose old login is closed."""
    return dict(await store.list_standings(db, account_id))


async def find_standing(db: Tx | Database, user_id: str) -> Standing:
    """Where the user is led to."""
    return await store.find_standing(db, user_id) or stages.OBSERVED


async def may_close(db: Tx | Database, account_id: int) -> bool:
    """Can an administrator come by the platform already?"""
    return await store.has_administrator(db, account_id)


async def close_due(database: Database, now: int) -> int:
    """Close the old logins whose date has come, each in a transaction of its own.

    Everything is asked again by the statement that closes: an account that is paused, or without
    an administrator on the platform's side, keeps its old logins open.
    """
    closed = 0
    for account_id, user_id in await store.list_due(database, now, AT_ONCE):
        async with database.transaction() as tx:
            closed += await _close(tx, account_id, user_id, now)
    return closed


async def reopen(tx: Tx, account_id: int, user_ids: Sequence[str], now: int, *, by: str) -> int:
    """Let the old passwords work again; the stage goes back to "Cognigy.AI first"."""
    opened = [one for one in user_ids if await store.reopen(tx, account_id, one)]
    await set_stage(tx, account_id, opened, Stage.FIRST, now, by=by)
    for user_id in opened:
        await audit.record(
            tx, "user.old_login_reopened", now, user_id=user_id, account_id=account_id, by=by
        )
    return len(opened)


async def spare(tx: Tx, account_id: int, user_id: str, now: int, *, by: str) -> None:
    """Lead whoever was put back no further: a day that is over would close the login again."""
    if (await find_standing(tx, user_id)).stage is not Stage.OBSERVE:
        await set_stage(tx, account_id, [user_id], Stage.OBSERVE, now, by=by)


async def find_brake(db: Tx | Database, account_id: int) -> Brake:
    """Is the account paused, and why?"""
    return (await store.find_brake(db, account_id))[0]


async def pause(tx: Tx, account_id: int, now: int, *, by: str, brake: Brake | None = None) -> bool:
    """Nothing closes and nobody is mailed from now on; False if it was so already."""
    why = brake or Brake(by_itself=False)
    paused = await store.pause(tx, account_id, why, now)
    if paused:
        await audit.record(
            tx,
            "migration.paused",
            now,
            account_id=account_id,
            by=by,
            failures=why.failures,
            moved=why.moved,
        )
    return paused


async def resume(tx: Tx, account_id: int, now: int, *, by: str) -> bool:
    """Go on; failures from before count no more."""
    resumed = await store.resume(tx, account_id, now)
    if resumed:
        await audit.record(tx, "migration.resumed", now, account_id=account_id, by=by)
    return resumed


async def check_brakes(database: Database, now: int) -> int:
    """Pause every account in which too many old users are refused; returns how many were paused."""
    paused = 0
    for account_id in await store.list_led_accounts(database):
        async with database.transaction() as tx:
            brake, resumed_at = await store.find_brake(tx, account_id)
            if brake.paused:
                continue
            since = max(now - stages.BRAKE_WINDOW, resumed_at)
            failures, moved = await store.count_outcomes(tx, account_id, since)
            if stages.must_pause(failures, moved):
                why = Brake(by_itself=True, failures=failures, moved=moved)
                paused += await pause(tx, account_id, now, by="brake", brake=why)
    return paused


async def _close(tx: Tx, account_id: int, user_id: str, now: int) -> bool:
    if not await store.lock_administrator(tx, account_id):
        return False
    if not await store.close(tx, account_id, user_id, now):
        return False
    await agents.void_links(tx, user_id, now)
    ended = await sessions.end_of_user(tx, user_id, CLOSED, now)
    await audit.record(
        tx,
        "user.old_login_closed",
        now,
        user_id=user_id,
        account_id=account_id,
        sessions_ended=ended,
    )
    return True
