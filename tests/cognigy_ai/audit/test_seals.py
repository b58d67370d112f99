"""The chain over the audit events: nothing is lost, and whatever is changed later shows."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import text

from cognigy_ai.audit import actions as audit
from kernel.audit import chain, sealer, trail, verification
from kernel.audit.chain import Verdict
from kernel.audit.sealer import seal_batch
from kernel.audit.seals import Seals
from kernel.clock import SystemClock
from kernel.db import Database, DatabaseUnavailable, open_database
from support.platform import ACME, Platform

DAY = 24 * 3600
MINUTES_OF_A_DAY = 24 * 60


async def record(database: Database, event: str, at: int) -> None:
    async with database.transaction() as tx:
        await audit.record(tx, event, at, organisation_id=ACME, role="admin")


async def batch(platform: Platform, number: int, events: int = 3, late: int = 0) -> None:
    """One sealed batch, a day after the one before."""
    for index in range(events):
        await record(platform.database, f"batch.n{number}_{index}", number * DAY)
    assert await seal_batch(platform.database, audit.TRAIL.seals, number * DAY) == events + late


@pytest.fixture
async def sealed(platform: Platform) -> Platform:
    """Four batches of three events."""
    for number in range(1, 5):
        await batch(platform, number)
    return platform


async def verify(platform: Platform, known: tuple[int, str] | None = None) -> Verdict:
    return await audit.TRAIL.verify(platform.database, known)


async def change(platform: Platform, *statements: str) -> None:
    for statement in statements:
        await platform.database.one(text(statement))


async def last_of(platform: Platform) -> tuple[int, str]:
    last = (await verify(platform)).last
    assert last is not None
    return last.number, last.hash


async def test_what_was_sealed_is_good(sealed: Platform) -> None:
    found = await verify(sealed)
    assert (found.broken, found.why) == (None, "")
    assert (found.batches, found.events, found.unsealed, found.oldest) == (4, 12, 0, 1)
    assert found.last is not None
    assert (found.last.number, found.last.last_position) == (4, 12)
    assert len(found.last.hash) == 64


async def test_an_empty_trail_is_good(platform: Platform) -> None:
    assert await verify(platform) == Verdict(0, 0, 0, None, None)


async def test_what_is_not_sealed_is_counted(sealed: Platform) -> None:
    await record(sealed.database, "thing.late", 1)
    found = await verify(sealed)
    assert (found.broken, found.unsealed) == (None, 1)


async def test_an_event_that_is_committed_late_is_in_a_later_batch(sealed: Platform) -> None:
    """Its time is before that of events which are sealed already."""
    await record(sealed.database, "thing.late", 1)
    await batch(sealed, 5, events=3, late=1)
    found = await verify(sealed)
    assert (found.broken, found.events, found.unsealed) == (None, 16, 0)


# What somebody does to the second of four batches, and which batch is named.
TAMPERED = {
    "another time": ("UPDATE audit_events SET at = at + 1 WHERE position = 5",),
    "another event": ("UPDATE audit_events SET event = 'x.y' WHERE position = 4",),
    "another person": ("UPDATE audit_events SET user_id = 'mallory' WHERE position = 6",),
    "another actor": ("UPDATE audit_events SET actor_kind = 'operator' WHERE position = 6",),
    "other details": ("UPDATE audit_events SET details = '{}' WHERE position = 5",),
    "an event removed": ("DELETE FROM audit_events WHERE position = 5",),
    "a batch emptied": ("DELETE FROM audit_events WHERE position BETWEEN 4 AND 6",),
    "an event that is not sealed any more": (
        "UPDATE audit_events SET position = NULL WHERE position = 5",
    ),
    "two events moved": (
        "UPDATE audit_events SET position = 100 WHERE position = 4",
        "UPDATE audit_events SET position = 4 WHERE position = 5",
        "UPDATE audit_events SET position = 5 WHERE position = 100",
    ),
    "another event in its place": (
        "UPDATE audit_events SET position = NULL WHERE position = 5",
        "INSERT INTO audit_events (id, at, event, details, position)"
        " VALUES ('forged', 172800, 'x.y', '{}', 5)",
    ),
    "a seal removed": ("DELETE FROM audit_seals WHERE number = 2",),
    "another hash": (f"UPDATE audit_seals SET hash = '{'0' * 64}' WHERE number = 2",),
    "another time of sealing": ("UPDATE audit_seals SET sealed_at = 1 WHERE number = 2",),
    "a wider seal": ("UPDATE audit_seals SET last_position = 7, events = 4 WHERE number = 2",),
    "a seal for everything": (
        "UPDATE audit_seals SET last_position = 4000000000 WHERE number = 2",
    ),
    "a seal that says it is removed": ("UPDATE audit_seals SET removed_at = 1 WHERE number = 2",),
    "two seals moved": (
        "UPDATE audit_seals SET number = 100 WHERE number = 2",
        "UPDATE audit_seals SET number = 2 WHERE number = 3",
        "UPDATE audit_seals SET number = 3 WHERE number = 100",
    ),
}


@pytest.mark.parametrize("deed", TAMPERED)
async def test_whatever_is_changed_the_batch_is_named(sealed: Platform, deed: str) -> None:
    await change(sealed, *TAMPERED[deed])
    found = await verify(sealed)
    assert found.broken == 2, found
    assert found.why
    assert found.last is not None
    assert found.last.number == 1


async def test_an_event_added_behind_the_last_seal_is_found(sealed: Platform) -> None:
    forged = "('forged', 1, 'x.y', '{}', 13)"
    await change(
        sealed, f"INSERT INTO audit_events (id, at, event, details, position) VALUES {forged}"
    )
    found = await verify(sealed)
    assert (found.broken, found.why) == (5, verification.FOREIGN)


async def test_the_last_seal_is_missed_by_its_events(sealed: Platform) -> None:
    await change(sealed, "DELETE FROM audit_seals WHERE number = 4")
    assert (await verify(sealed)).broken == 4
    await change(sealed, "DELETE FROM audit_seals")
    assert (await verify(sealed)).broken == 1


async def test_the_oldest_batch_is_missed(sealed: Platform) -> None:
    await change(
        sealed,
        "DELETE FROM audit_events WHERE position <= 3",
        "DELETE FROM audit_seals WHERE number = 1",
    )
    assert (await verify(sealed)).broken == 1


async def test_a_chain_made_anew_does_not_lead_through_the_known_hash(sealed: Platform) -> None:
    """Somebody who rewrites events and seals alike; the hash was kept elsewhere."""
    known = await last_of(sealed)
    await batch(sealed, 5)
    assert (await verify(sealed, known)).broken is None
    await change(
        sealed,
        "UPDATE audit_events SET details = '{}' WHERE position = 5",
        "UPDATE audit_events SET position = NULL WHERE position > 3",
        "DELETE FROM audit_seals WHERE number > 1",
    )
    assert await audit.TRAIL.sealer(sealed.database, sealed.clock).seal_waiting() == 12
    assert (await verify(sealed)).broken is None
    found = await verify(sealed, known)
    assert (found.broken, found.why) == (4, verification.NOT_REACHED)
    found = await verify(sealed, (2, known[1]))
    assert (found.broken, found.why) == (2, verification.OTHER_HASH)


async def test_old_batches_are_removed_whole_and_the_rest_is_verified(sealed: Platform) -> None:
    known = await last_of(sealed)
    first = await audit.TRAIL.seals.find(sealed.database, 1)
    assert first is not None
    now = 3 * DAY + 10
    assert await audit.TRAIL.prune(sealed.database, now, MINUTES_OF_A_DAY) == 6
    found = await verify(sealed, known)
    assert (found.broken, found.batches, found.events, found.oldest) == (None, 2, 6, 3)
    assert await audit.TRAIL.prune(sealed.database, now, MINUTES_OF_A_DAY) == 0
    await batch(sealed, 5)
    assert (await verify(sealed)).broken is None
    found = await verify(sealed, (1, first.hash))
    assert (found.broken, found.why) == (1, verification.NOT_KEPT)
    await change(sealed, "UPDATE audit_events SET at = at + 1 WHERE position = 8")
    assert (await verify(sealed)).broken == 3


async def test_a_removed_batch_whose_events_are_there_again_is_broken(sealed: Platform) -> None:
    await audit.TRAIL.prune(sealed.database, 3 * DAY + 10, MINUTES_OF_A_DAY)
    await change(
        sealed,
        "INSERT INTO audit_events (id, at, event, details, position)"
        " VALUES ('forged', 1, 'x.y', '{}', 2)",
    )
    assert (await verify(sealed)).why == verification.FOREIGN


async def test_everything_may_be_too_old(sealed: Platform) -> None:
    assert await audit.TRAIL.prune(sealed.database, 30 * DAY, MINUTES_OF_A_DAY) == 12
    found = await verify(sealed)
    assert (found.broken, found.batches, found.oldest) == (None, 0, None)
    assert found.last is not None
    assert found.last.removed
    await batch(sealed, 31)
    found = await verify(sealed)
    assert (found.broken, found.batches, found.oldest) == (None, 1, 5)


async def test_an_old_event_in_a_young_batch_stays_with_it(platform: Platform) -> None:
    await record(platform.database, "thing.old", 1)
    await batch_of(platform, "thing.young", 10 * DAY)
    assert await audit.TRAIL.prune(platform.database, 10 * DAY + 60, MINUTES_OF_A_DAY) == 0


async def batch_of(platform: Platform, event: str, at: int) -> None:
    await record(platform.database, event, at)
    await seal_batch(platform.database, audit.TRAIL.seals, at)


async def test_only_so_much_is_removed_at_once(
    sealed: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "PRUNED_AT_ONCE", 6)
    for left in (6, 6, 0):
        assert await audit.TRAIL.prune(sealed.database, 30 * DAY, MINUTES_OF_A_DAY) == left
        assert (await verify(sealed)).broken is None


async def test_what_is_not_sealed_is_not_removed(platform: Platform) -> None:
    await record(platform.database, "thing.old", 1)
    assert await audit.TRAIL.prune(platform.database, 30 * DAY, MINUTES_OF_A_DAY) == 0


async def test_a_verification_does_not_stumble_over_what_age_removes_meanwhile(
    sealed: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seals are read, and then the events of two batches go."""
    read = audit.TRAIL.seals.list_events
    pruned = False

    async def removed_first(db: Database, first: int, last: int) -> object:
        nonlocal pruned
        if not pruned:
            pruned = True
            await audit.TRAIL.prune(sealed.database, 3 * DAY + 10, MINUTES_OF_A_DAY)
        return await read(db, first, last)

    monkeypatch.setattr(audit.TRAIL.seals, "list_events", removed_first)
    found = await verify(sealed)
    assert (found.broken, found.batches, found.oldest) == (None, 2, 3)


async def test_many_events_are_sealed_in_batches(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "BATCH", 4)
    monkeypatch.setattr(verification, "SEALS_AT_ONCE", 2)
    for number in range(18):
        await record(platform.database, "thing.done", number)
    worker = audit.TRAIL.sealer(platform.database, platform.clock)
    assert await worker.seal_waiting() == 18
    assert await worker.seal_waiting() == 0
    found = await verify(platform)
    assert (found.broken, found.batches, found.events) == (None, 5, 18)


async def test_nothing_new_costs_one_read(sealed: Platform) -> None:
    before = sealed.database.statements
    assert await audit.TRAIL.sealer(sealed.database, sealed.clock).seal_waiting() == 0
    assert sealed.database.statements == before + 1
    assert await seal_batch(sealed.database, audit.TRAIL.seals, 9 * DAY) == 0
    assert (await last_of(sealed))[0] == 4


async def test_two_sealers_at_once_make_one_chain(platform: Platform, database_url: str) -> None:
    """Two processes: each has a database of its own, while events go on being added."""
    other = await open_database(database_url, pool_size=4)
    databases = (platform.database, other)

    async def add(number: int) -> None:
        for index in range(15):
            await record(databases[number], f"thing.n{number}_{index}", index)

    async def work(database: Database) -> int:
        return sum([await seal_batch(database, audit.TRAIL.seals, 1) for _ in range(20)])

    done = await asyncio.gather(*(work(one) for one in databases * 2), add(0), add(1))
    counts = [number for number in done if number is not None]
    counts.append(await seal_batch(other, audit.TRAIL.seals, 2))
    found = await verify(platform)
    assert (found.broken, found.unsealed, found.events) == (None, 0, 30)
    assert sum(counts) == 30
    await other.close()


async def test_a_sealer_that_dies_in_between_leaves_nothing_behind(
    sealed: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_values: object) -> None:
        raise RuntimeError("the process is gone")

    await record(sealed.database, "thing.done", 1)
    with monkeypatch.context() as patch:
        patch.setattr(audit.TRAIL.seals, "seal", die)
        with pytest.raises(RuntimeError):
            await seal_batch(sealed.database, audit.TRAIL.seals, 5 * DAY)
    assert (await verify(sealed)).unsealed == 1
    assert (await last_of(sealed))[0] == 4
    assert await seal_batch(sealed.database, audit.TRAIL.seals, 5 * DAY) == 1
    assert (await verify(sealed)).broken is None


async def test_a_name_that_is_erased_leaves_the_chain_as_it_is(acme: Platform) -> None:
    await acme.add_user()
    await seal_batch(acme.database, audit.TRAIL.seals, acme.now)
    await change(acme, "UPDATE users SET name = 'gone', email = 'gone'")
    found = await verify(acme)
    assert (found.broken, found.events) == (None, 2)


def test_the_hash_depends_on_every_fact_of_a_seal() -> None:
    seal = chain.Seal(2, 4, 6, 3, 100, 200)
    told = chain.hash_of(seal, seal, [])
    for name in ("number", "first_position", "last_position", "events", "newest_at", "sealed_at"):
        assert chain.hash_of(seal, replace(seal, **{name: 7}), []) != told
    assert chain.hash_of(None, seal, []) != told


@pytest.mark.parametrize("typed", ["", "1", "1:", ":" + "a" * 64, "1:" + "g" * 64, "x:" + "a" * 64])
def test_what_is_not_number_and_hash_is_not_known(typed: str) -> None:
    assert chain.parse_known(typed) is None


def test_a_known_hash_is_read_as_it_was_printed() -> None:
    assert chain.parse_known(f" 12:{'a' * 64}\n") == (12, "a" * 64)


async def test_the_sealer_goes_on_after_a_failure(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the database is away or something is wrong with one batch."""
    await record(platform.database, "thing.done", 1)
    faults: list[Exception] = [DatabaseUnavailable("gone"), RuntimeError("a bug")]
    really, sealed = sealer.seal_batch, asyncio.Event()

    async def stumble(database: Database, seals: Seals, now: int) -> int:
        if faults:
            raise faults.pop()
        try:
            return await really(database, seals, now)
        finally:
            sealed.set()

    monkeypatch.setattr(sealer, "seal_batch", stumble)
    monkeypatch.setattr(sealer, "EVERY_SECONDS", 0.001)
    task = asyncio.create_task(audit.TRAIL.sealer(platform.database, SystemClock()).run())
    async with asyncio.timeout(10):
        await sealed.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    found = await verify(platform)
    assert (found.events, found.unsealed) == (1, 0)
