"""What goes on by itself while an account moves: old logins close, brakes fall, runs run.

One task in each process. A run is leased, so that two processes do not work on the same one; one
that dies leaves it to the others when its lease ends. Each person is done in one transaction, which
marks the person: nobody is mailed twice for one run, and nobody is forgotten.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from kernel.clock import Clock
from kernel.courier import Courier
from kernel.db import Database, DatabaseUnavailable, Tx
from kernel.log import get_logger
from kernel.opaque import new_reference
from kernel.outbox import Outbox
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents.rules import User
from live_agent.audit import actions as audit
from live_agent.cognigy_api.directory import Directory, Proposed, Unanswered
from live_agent.moves import actions as moves
from live_agent.moves import stages, waves
from live_agent.moves.actions import State
from live_agent.moves.runs_rules import BATCH, Fate, Kind, Run, RunState
from live_agent.moves.store import runs as store
from live_agent.moves.store import stages as stage_store

log = get_logger(__name__)

REMINDER_LETTER = "mail.move_reminder"
POLL_SECONDS = 3.0
LEASE_SECONDS = 60
ASK_AGAIN_SECONDS = 60  # how far the organisation is with what was proposed
TRY_AGAIN_SECONDS = 60  # after a failure of the platform
PAUSED_SECONDS = 60
PLATFORM_ROLES = {
    "administrator": "liveAgentAdmin",
    "supervisor": "liveAgentSupervisor",
    "agent": "liveAgentAgent",
}


@dataclass(frozen=True, slots=True)
class Means:
    """What the work below needs."""

    database: Database
    clock: Clock
    outbox: Outbox
    courier: Courier
    directory: Directory
    issuer: str


class Mover:
    """One for each process."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def run(self) -> None:
        """Until it is cancelled; the person in hand is undone then, and done again later."""
        while True:
            worked = False
            try:
                worked = await self.work()
            except DatabaseUnavailable as error:
                log.warning("mover.database_unavailable", cause=repr(error))
            except Exception:
                log.exception("mover.failed")
            if not worked:
                await asyncio.sleep(POLL_SECONDS)

    async def work(self) -> bool:
        """Brakes first, then what closes, then a piece of one run; False if there was none."""
        means, now = self._means, self._means.clock.now()
        await waves.check_brakes(means.database, now)
        closed = await waves.close_due(means.database, now)
        run = await store.lease(means.database, now, now + LEASE_SECONDS)
        if run is None:
            return closed > 0
        if (await waves.find_brake(means.database, run.account_id)).paused:
            await store.release(means.database, run.id, now + PAUSED_SECONDS, "paused")
            return True
        if run.kind is Kind.REMIND:
            await _remind(means, run)
        elif run.state is RunState.ASKED:
            await _look_after(means, run)
        else:
            await _propose(means, run)
        return True


async def _remind(means: Means, run: Run) -> None:
    """A batch, each in a transaction of its own; then the lease is given back."""
    batch = await store.list_next(means.database, run.id, 0, BATCH)
    for one in batch:
        now = means.clock.now()
        with suppress(_DoneElsewhere):
            async with means.database.transaction() as tx:
                user = await agents.get(tx, run.account_id, one.user_id)
                fate = await _fate_of_reminder(tx, means, run, user, now)
                if not await store.settle(tx, run.id, one.number, fate.name, now):
                    raise _DoneElsewhere
        await asyncio.sleep(0)  # requests have their turn, on SQLite too
    means.courier.wake()
    if len(batch) < BATCH:
        await _finish(means, run)
    else:
        await store.release(means.database, run.id, means.clock.now(), None)


class _DoneElsewhere(Exception):  # noqa: N818 - undoes the transaction: another process was quicker
    pass


async def _fate_of_reminder(tx: Tx, means: Means, run: Run, user: User | None, now: int) -> Fate:
    if user is None or user.linked or user.disabled:
        return Fate.GONE
    before = now - stages.REMIND_AGAIN_AFTER
    if not await stage_store.note_reminder(
        tx, run.account_id, user.id, before, stages.MOST_REMINDERS, now
    ):
        return Fate.TOO_SOON
    standing = await waves.find_standing(tx, user.id)
    letter = {
        "to": user.email,
        "name": user.name,
        "locale": user.locale or "en",
        "closes_at": standing.closes_at,
        "secret": "",
    }
    await means.outbox.add(tx, REMINDER_LETTER, letter, now)
    await audit.record(
        tx, "user.reminded", now, user_id=user.id, account_id=run.account_id, run_id=run.id
    )
    return Fate.MAILED


async def _propose(means: Means, run: Run) -> None:
    """The next batch of people without an account, as one proposal to the organisation.

    A batch is always the same numbers, and its proposal has always the same id: sent twice, after
    a crash, it is taken once.
    """
    now, database = means.clock.now(), means.database
    first = await store.list_next(database, run.id, 0, 1)
    account = await accounts.find(database, run.account_id)
    if not first or account is None or account.organisation_id is None:
        await _asked(means, run)
        return
    batch = (first[0].number - 1) // BATCH
    chosen = await store.list_next(database, run.id, batch * BATCH, BATCH)
    chosen = [one for one in chosen if one.number <= (batch + 1) * BATCH]
    overview = await moves.look(database, account, means.issuer, now)
    lacking = {
        move.user.id: move.user
        for move in overview.moves
        if move.state is State.NO_PLATFORM_ACCOUNT
    }
    people = [_proposed(lacking[one.user_id]) for one in chosen if one.user_id in lacking]
    try:
        if people:
            await means.directory.propose(
                account.organisation_id,
                run.proposal_id(batch),
                run.asked_by_name,
                people,
                new_reference(),
            )
    except Unanswered as error:
        log.warning("proposal.not_sent", run_id=run.id, why=error.why, cause=str(error))
        await store.release(database, run.id, now + TRY_AGAIN_SECONDS, error.why)
        return
    async with database.transaction() as tx:
        for one in chosen:
            fate = Fate.PROPOSED if one.user_id in lacking else Fate.NOT_NEEDED
            await store.settle(tx, run.id, one.number, fate.name, now)
        proposed = [one.user_id for one in chosen if one.user_id in lacking]
        standings = await waves.list_standings(tx, run.account_id)
        observed = [one for one in proposed if one not in standings]
        await waves.set_stage(
            tx, run.account_id, observed, stages.Stage.INVITE, now, by=run.asked_by
        )
    await store.release(database, run.id, means.clock.now(), None)


def _proposed(user: User) -> Proposed:
    return Proposed(
        email=user.email,
        name=user.name,
        roles=tuple(PLATFORM_ROLES[role] for role in user.roles),
        locale=user.locale,
    )


async def _asked(means: Means, run: Run) -> None:
    """Everything was sent: from now on it is the organisation's turn."""
    now = means.clock.now()
    fates = await store.count_fates(means.database, run.id)
    if not fates.get(Fate.PROPOSED.name):
        await _finish(means, run)
        return
    await store.set_state(
        means.database, run.id, RunState.ASKED, next_at=now + ASK_AGAIN_SECONDS, finished_at=None
    )


async def _look_after(means: Means, run: Run) -> None:
    """Has the organisation decided about all that was proposed?"""
    now, database = means.clock.now(), means.database
    account = await accounts.find(database, run.account_id)
    if account is None or account.organisation_id is None:
        await _finish(means, run)
        return
    try:
        over = True
        for batch in range(-(-run.total // BATCH)):
            state = await means.directory.find_proposal(
                account.organisation_id, run.proposal_id(batch), new_reference()
            )
            over = over and state in (None, "done", "stopped")
    except Unanswered as error:
        await store.release(database, run.id, now + TRY_AGAIN_SECONDS, error.why)
        return
    if over:
        await _finish(means, run)
    else:
        await store.release(database, run.id, now + ASK_AGAIN_SECONDS, None)


async def _finish(means: Means, run: Run) -> None:
    now = means.clock.now()
    async with means.database.transaction() as tx:
        if await store.set_state(tx, run.id, RunState.DONE, next_at=now, finished_at=now):
            fates = await store.count_fates(tx, run.id)
            told = {fate.lower(): number for fate, number in fates.items()}
            await audit.record(
                tx,
                "migration.run_done",
                now,
                account_id=run.account_id,
                run_id=run.id,
                fates=told,
            )
