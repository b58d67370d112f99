"""Letters leave after their transaction, at least once, and never two couriers have the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from sqlalchemy import select, update

from kernel import courier as courier_module
from kernel import outbox as module
from kernel.courier import Courier
from kernel.db import Database, open_database
from kernel.keyring import KeyRing
from kernel.mail import Mail, SmtpServer, SmtpTransport, delivery
from kernel.outbox import DeliveryFailed, Outbox
from kernel.workers import working
from support.clock import FrozenClock
from support.kernel_tables import TABLES, create_tables

NOW = 1_767_225_600
ROWS = select(TABLES.outbox)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(TABLES.outbox)


async def ids(outbox: Outbox, database: Database, now: int = NOW, limit: int = 10) -> list[str]:
    return [letter.id for letter in await outbox.lease(database, now, limit, 60)]


async def test_a_letter_of_an_undone_transaction_never_leaves(
    outbox: Outbox, database: Database
) -> None:
    async def work() -> None:
        async with database.transaction() as tx:
            await outbox.add(tx, "mail", {}, NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await work()
    assert await ids(outbox, database) == []


async def test_a_leased_letter_is_nobody_elses_until_the_lease_ends(
    outbox: Outbox, database: Database
) -> None:
    async with database.transaction() as tx:
        letter_id = await outbox.add(tx, "mail", {"to": "é", "n": 1}, NOW)
    [letter] = await outbox.lease(database, NOW, 10, 60)
    assert (letter.id, letter.kind, letter.attempts) == (letter_id, "mail", 1)
    assert letter.payload == {"to": "é", "n": 1}
    assert await ids(outbox, database, NOW + 59) == []
    assert await ids(outbox, database, NOW + 60) == [letter_id]


async def test_the_oldest_are_leased_first_and_no_more_than_asked(
    outbox: Outbox, database: Database
) -> None:
    made = [await outbox.add(database, "mail", {}, NOW + number) for number in range(5)]
    assert await ids(outbox, database, NOW + 2) == made[:3]
    assert await ids(outbox, database, NOW + 9, limit=1) == made[3:4]
    assert await ids(outbox, database, NOW + 9) == made[4:]


async def test_what_is_delivered_is_not_kept_and_does_not_come_back(
    outbox: Outbox, database: Database
) -> None:
    letter_id = await outbox.add(database, "mail", {"link": "secret"}, NOW)
    await ids(outbox, database)
    await outbox.done(database, letter_id, NOW + 1)
    await outbox.failed(database, letter_id, "too late: it was delivered", NOW + 2)
    assert await ids(outbox, database, NOW + 10_000) == []
    row = await database.one(ROWS)
    assert row is not None
    assert (row["payload"], row["delivered_at"], row["last_error"]) == ("", NOW + 1, None)


async def test_a_failed_letter_waits_twice_as_long_each_time_up_to_an_hour(
    outbox: Outbox, database: Database
) -> None:
    letter_id = await outbox.add(database, "mail", {}, NOW)
    waited, now = [], NOW
    for _ in range(14):
        assert await ids(outbox, database, now) == [letter_id]
        await outbox.failed(database, letter_id, "x" * 1000, now)
        row = await database.one(ROWS)
        assert row is not None
        waited.append(row["next_attempt_at"] - now)
        assert await ids(outbox, database, row["next_attempt_at"] - 1) == []
        now = row["next_attempt_at"]
        assert len(row["last_error"]) == module.LONGEST_ERROR
    assert waited == [2**n for n in range(1, 12)] + [3600] * 3


async def test_payloads_are_sealed_with_a_key_ring(database: Database, keyring: KeyRing) -> None:
    sealing = Outbox(TABLES.outbox, keyring)
    await sealing.add(database, "mail", {"link": "https://secret", "long": "x" * 20_000}, NOW)
    row = await database.one(ROWS)
    assert row is not None
    assert "secret" not in row["payload"]
    [letter] = await sealing.lease(database, NOW, lease_seconds=1)
    assert letter.payload is not None
    assert letter.payload["link"] == "https://secret"
    [letter] = await Outbox(TABLES.outbox, KeyRing("another")).lease(database, NOW + 1)
    assert letter.payload is None


async def test_pruning_keeps_what_waits_and_what_is_fresh(
    outbox: Outbox, database: Database
) -> None:
    done = await outbox.add(database, "mail", {}, NOW)
    waiting = await outbox.add(database, "push", {}, NOW)
    await outbox.done(database, done, NOW)
    assert await outbox.prune(database, NOW + module.KEPT_SECONDS - 1) == 0
    assert await outbox.prune(database, NOW + module.KEPT_SECONDS) == 1
    with structlog.testing.capture_logs() as logs:
        assert await outbox.prune(database, NOW + module.GIVEN_UP_SECONDS) == 1
    assert [(e["event"], e["letter"], e["kind"]) for e in logs] == [
        ("outbox.given_up", waiting, "push")
    ]


async def test_two_couriers_never_get_the_same_letter(
    outbox: Outbox, database: Database, database_url: str
) -> None:
    second = await open_database(database_url)
    made = {await outbox.add(database, "mail", {}, NOW) for _ in range(60)}
    batches = await asyncio.gather(
        *(ids(outbox, db, NOW, 7) for _ in range(12) for db in (database, second))
    )
    got = [letter for batch in batches for letter in batch]
    assert len(got) == len(set(got))
    assert set(got) == made
    assert max(len(batch) for batch in batches) <= 7
    await second.close()


async def test_a_row_that_another_transaction_holds_is_skipped_and_not_waited_for(
    outbox: Outbox, database: Database, engine: str
) -> None:
    if engine == "sqlite":
        return  # one writer: nobody can hold a row
    held = await outbox.add(database, "mail", {}, NOW)
    free = await outbox.add(database, "mail", {}, NOW)
    touch = update(TABLES.outbox).where(TABLES.outbox.c.id == held).values(last_error="held")
    async with database.transaction() as tx:
        await tx.one(touch)
        assert await asyncio.wait_for(ids(outbox, database), 2) == [free]


# --- courier --------------------------------------------------------------------------------------


@asynccontextmanager
async def running(courier: Courier) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(courier.run())
    try:
        yield task
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def eventually(holds: Callable[[], bool | Awaitable[bool]], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while True:
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.01)


async def test_a_woken_courier_delivers_at_once(
    outbox: Outbox, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "POLL_SECONDS", 60)
    got: list[tuple[dict[str, Any], str]] = []

    async def deliver(payload: dict[str, Any], letter_id: str) -> None:
        got.append((payload, letter_id))

    courier = Courier(database, outbox, clock, {"push": deliver})
    async with running(courier):
        await asyncio.sleep(0.05)  # it has looked and found nothing
        async with database.transaction() as tx:
            letter_id = await outbox.add(tx, "push", {"a": 1}, clock.now())
        courier.wake()
        await eventually(lambda: bool(got))
    assert got == [({"a": 1}, letter_id)]


async def test_a_courier_that_nobody_woke_looks_by_itself(
    outbox: Outbox, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "POLL_SECONDS", 0.05)
    got: list[str] = []

    async def deliver(_payload: dict[str, Any], letter_id: str) -> None:
        got.append(letter_id)

    async with running(Courier(database, outbox, clock, {"push": deliver})):
        await asyncio.sleep(0.05)
        made = [await outbox.add(database, "push", {}, clock.now()) for _ in range(25)]
        await eventually(lambda: len(got) == 25)
    assert sorted(got) == sorted(made)


async def test_a_mail_server_that_hangs_holds_up_nothing_but_mail(
    outbox: Outbox, database: Database, clock: FrozenClock
) -> None:
    """The other system hears of a suspension at once, however many mails are due before."""
    told: list[str] = []

    async def tell(_payload: dict[str, Any], letter_id: str) -> None:
        told.append(letter_id)

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await over.wait()
        writer.close()

    connected, over = asyncio.Event(), asyncio.Event()
    hanging = await asyncio.start_server(silent, "127.0.0.1", 0)
    server = SmtpServer("127.0.0.1", hanging.sockets[0].getsockname()[1])
    mail = delivery(SmtpTransport(server, "no-reply@acme.example"), clock)
    letter = Mail("ana@acme.example", "Hello", "text", "<p>text</p>", "en").payload()
    for _ in range(3 * module.BATCH):
        await outbox.add(database, "mail", letter, clock.now())
    courier = Courier(database, outbox, clock, {"mail": mail, "live_agent.account": tell})
    async with running(courier):
        await asyncio.wait_for(connected.wait(), 20)
        suspension = await outbox.add(database, "live_agent.account", {}, clock.now())
        courier.wake()
        await eventually(lambda: told == [suspension], seconds=20)
        over.set()
        hanging.close()


async def test_what_cannot_be_delivered_stays_with_its_reason(
    outbox: Outbox, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "DELIVERY_SECONDS", 0.05)

    async def refuse(_payload: dict[str, Any], _id: str) -> None:
        raise DeliveryFailed("smtp 451")

    async def hang(_payload: dict[str, Any], _id: str) -> None:
        await asyncio.sleep(60)

    async def break_(_payload: dict[str, Any], _id: str) -> None:
        raise ZeroDivisionError("ana@acme.example")

    kinds = {"refuse": refuse, "hang": hang, "break": break_}
    for kind in (*kinds, "unknown"):
        await outbox.add(database, kind, {}, clock.now())
    courier = Courier(database, outbox, clock, kinds)
    assert await courier.deliver_due() == 4
    reasons = {row["kind"]: row["last_error"] for row in await database.all(ROWS)}
    assert reasons == {
        "refuse": "smtp 451",
        "hang": "no answer in 0.05 seconds",
        "break": "ZeroDivisionError",
        "unknown": "nothing here delivers this kind",
    }


async def test_a_letter_that_was_sealed_with_a_lost_key_says_so(
    database: Database, clock: FrozenClock, keyring: KeyRing
) -> None:
    await Outbox(TABLES.outbox, KeyRing("lost")).add(database, "mail", {}, clock.now())

    async def deliver(_payload: dict[str, Any], _id: str) -> None:
        raise AssertionError

    courier = Courier(database, Outbox(TABLES.outbox, keyring), clock, {"mail": deliver})
    assert await courier.deliver_due() == 1
    row = await database.one(ROWS)
    assert row is not None
    assert "SECRET_KEY_BASE_PREVIOUS" in row["last_error"]


async def test_a_courier_outlives_every_failure(
    engine: str,
    outbox: Outbox,
    clock: FrozenClock,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(courier_module, "POLL_SECONDS", 0.02)
    database = await open_database(database_url)  # without tables: each look is a failure
    got: list[str] = []

    async def deliver(_payload: dict[str, Any], letter_id: str) -> None:
        got.append(letter_id)

    with structlog.testing.capture_logs() as logs:
        courier = Courier(database, outbox, clock, {"push": deliver})
        async with running(courier) as task:
            await eventually(lambda: any(e["event"] == "outbox.courier_failed" for e in logs))
            await create_tables(database)
            letter_id = await outbox.add(database, "push", {}, clock.now())
            await eventually(lambda: bool(got))
            assert not task.done()
            if engine == "postgresql":
                await database.close()
                courier.wake()
                unavailable = "outbox.database_unavailable"
                await eventually(lambda: any(e["event"] == unavailable for e in logs))
                assert not task.done()
    assert got == [letter_id]
    await database.close()


async def test_a_courier_that_is_stopped_gives_its_letter_back_at_once(
    outbox: Outbox, database: Database, clock: FrozenClock
) -> None:
    begun = asyncio.Event()

    async def hang(_payload: dict[str, Any], _id: str) -> None:
        begun.set()
        await asyncio.sleep(60)

    letter_id = await outbox.add(database, "push", {}, clock.now())
    async with running(Courier(database, outbox, clock, {"push": hang})):
        await begun.wait()
    assert await ids(outbox, database, clock.now()) == [letter_id]


async def test_a_courier_that_is_to_finish_delivers_what_it_has_in_hand(
    outbox: Outbox, database: Database, clock: FrozenClock
) -> None:
    begun, may_go_on, delivered = asyncio.Event(), asyncio.Event(), []

    async def take(_payload: dict[str, Any], letter_id: str) -> None:
        begun.set()
        await may_go_on.wait()
        delivered.append(letter_id)

    letter_id = await outbox.add(database, "push", {}, clock.now())
    courier = Courier(database, outbox, clock, {"push": take})
    async with working(courier, seconds=30):
        await begun.wait()
        asyncio.get_running_loop().call_later(0.05, may_go_on.set)
    assert delivered == [letter_id]
    assert await ids(outbox, database, clock.now() + module.LEASE_SECONDS) == []


async def test_a_lease_that_somebody_else_has_by_now_is_not_given_up(
    outbox: Outbox, database: Database
) -> None:
    await outbox.add(database, "push", {}, NOW)
    [mine] = await outbox.lease(database, NOW)
    later = NOW + module.LEASE_SECONDS
    [theirs] = await outbox.lease(database, later)
    await outbox.release(database, mine)
    assert await ids(outbox, database, later) == []
    await outbox.release(database, theirs)
    assert await ids(outbox, database, later) == [mine.id]


async def test_a_letter_whose_delivery_could_not_be_noted_comes_again(
    outbox: Outbox, database: Database, database_url: str, clock: FrozenClock
) -> None:
    letter_id = await outbox.add(database, "push", {}, clock.now())
    other = await open_database(database_url)

    async def deliver(_payload: dict[str, Any], _id: str) -> None:
        await other.close()  # the database goes away meanwhile

    with pytest.raises(Exception, match=r"(?i)closed|interface"):
        await Courier(other, outbox, clock, {"push": deliver}).deliver_due()
    assert await ids(outbox, database, clock.now() + module.LEASE_SECONDS) == [letter_id]
