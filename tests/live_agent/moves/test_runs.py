"""Deeds on many people: once for each, whoever works on them and whatever dies in between."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, select

from live_agent.db import tables
from live_agent.moves import runs, waves
from live_agent.moves.mover import LEASE_SECONDS, Mover
from live_agent.moves.runs import OPERATOR
from live_agent.moves.runs_rules import Kind, RunState
from live_agent.moves.stages import DAY, MOST_REMINDERS, Stage
from support.moves_town import Town


async def begin(town: Town, kind: Kind = Kind.REMIND, group: str = "ready") -> str:
    moves = [m for m in (await town.look()).moves if m.user.id.startswith(f"us_{group}")]
    office = town.office
    async with office.database.transaction() as tx:
        ids = [move.user.id for move in moves]
        return await runs.begin(tx, town.account_id, kind, ids, office.now, by=OPERATOR)


async def mailed(town: Town) -> int:
    letters = tables.outbox
    row = await town.office.database.one(select(func.count().label("n")).select_from(letters))
    assert row is not None
    return int(row["n"])


async def fates(town: Town) -> Counter[str]:
    return Counter(str(row["fate"]) for row in await town.office.rows("move_run_users"))


async def finish(town: Town, *workers: Mover) -> None:
    for _ in range(20):
        worked = await asyncio.gather(*(one.work() for one in workers))
        if not any(worked):
            return


async def test_everybody_is_mailed_once_and_not_again_too_soon(full_town: Town):
    office = full_town.office
    await begin(full_town)
    await finish(full_town, full_town.mover())
    assert (await mailed(full_town), await fates(full_town)) == (60, Counter(MAILED=60))
    await begin(full_town)
    await finish(full_town, full_town.mover())
    assert await mailed(full_town) == 60, "it was a moment ago"
    office.clock.advance(3 * DAY)
    await begin(full_town)
    await finish(full_town, full_town.mover())
    assert await mailed(full_town) == 120
    (run, *_) = await runs.list_runs(office.database, full_town.account_id)
    assert (run.state, run.done, run.total) == (RunState.DONE, 60, 60)
    standing = await waves.find_standing(office.database, "us_ready0")
    assert (standing.stage, standing.reminders) == (Stage.INVITE, 2)


async def test_nobody_gets_more_than_six(town: Town):
    town.add_user("ready")
    await town.keep()
    for _ in range(MOST_REMINDERS + 2):
        await begin(town)
        await finish(town, town.mover())
        town.office.clock.advance(4 * DAY)
    assert await mailed(town) == MOST_REMINDERS


async def test_whoever_has_moved_meanwhile_is_left_alone(full_town: Town):
    await begin(full_town)
    await full_town.office.set_user("us_ready3", subject="s", issuer="i", disabled_at=None)
    await full_town.office.set_user("us_ready4", disabled_at=1)
    await finish(full_town, full_town.mover())
    assert await fates(full_town) == Counter(MAILED=58, GONE=2)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_several_processes_mail_nobody_twice(full_town: Town):
    await begin(full_town)
    await begin(full_town, group="norole")
    await finish(full_town, *(full_town.mover() for _ in range(4)))
    assert (await mailed(full_town), await fates(full_town)) == (80, Counter(MAILED=80))


async def test_a_worker_that_dies_in_the_middle_is_followed_by_another(full_town: Town):
    await begin(full_town)
    dying = asyncio.create_task(full_town.mover().work())
    while await mailed(full_town) < 10:  # noqa: ASYNC110 - it dies at any moment after that
        await asyncio.sleep(0)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    before = await mailed(full_town)
    assert before < 60
    assert (await fates(full_town))["MAILED"] == before, "each is mailed and marked, or neither"
    await finish(full_town, full_town.mover())
    assert await mailed(full_town) == before, "the lease of the dead one holds"
    full_town.office.clock.advance(LEASE_SECONDS)
    await finish(full_town, full_town.mover())
    assert (await mailed(full_town), await fates(full_town)) == (60, Counter(MAILED=60))


async def test_a_paused_account_mails_nobody(full_town: Town):
    office = full_town.office
    await begin(full_town)
    async with office.database.transaction() as tx:
        await waves.pause(tx, full_town.account_id, office.now, by="us_boss")
    await finish(full_town, full_town.mover())
    assert await mailed(full_town) == 0
    async with office.database.transaction() as tx:
        await waves.resume(tx, full_town.account_id, office.now, by="us_boss")
    office.clock.advance(60)
    await finish(full_town, full_town.mover())
    assert await mailed(full_town) == 60


async def test_a_stopped_run_goes_no_further(full_town: Town):
    office = full_town.office
    run_id = await begin(full_town)
    globex = await office.add_account("Globex", "b" * 24)
    async with office.database.transaction() as tx:
        assert not await runs.stop(tx, globex.id, run_id, office.now, by="us_eve"), "not theirs"
        assert await runs.stop(tx, full_town.account_id, run_id, office.now, by="us_boss")
    await finish(full_town, full_town.mover())
    assert await mailed(full_town) == 0
