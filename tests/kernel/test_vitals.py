"""The state of a process: what Prometheus is told of database, outbox and password queue."""

import asyncio

import pytest

from kernel.courier import Courier
from kernel.db import Database, Postgres
from kernel.metrics import OFF, Metrics
from kernel.outbox import DeliveryFailed, Outbox
from kernel.passwords import Passwords
from kernel.vitals import Vitals
from support.clock import FrozenClock
from support.kernel_tables import TABLES


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(TABLES.outbox)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry().get_sample_value(name, labels)


async def test_the_oldest_letter_that_waits_is_told_with_its_age(
    database: Database, clock: FrozenClock, outbox: Outbox
):
    metrics = Metrics(on=True)
    vitals = Vitals(metrics, database, outbox, clock)
    await vitals.look()
    assert value(metrics, "server_outbox_oldest_seconds") == 0
    await outbox.add(database, "mail", {}, clock.now() - 90)
    await outbox.add(database, "mail", {}, clock.now() - 5)
    await vitals.look()
    assert value(metrics, "server_outbox_oldest_seconds") == 90
    assert value(metrics, "server_outbox_waiting") == 2
    assert value(metrics, "server_database_up") == 1


async def test_deliveries_are_counted_by_kind_and_outcome(
    database: Database, clock: FrozenClock, outbox: Outbox
):
    async def refuse(_payload: object, _id: str) -> None:
        raise DeliveryFailed("no")

    async def take(_payload: object, _id: str) -> None:
        """Delivered."""

    metrics = Metrics(on=True)
    courier = Courier(database, outbox, clock, {"mail": refuse, "push": take}, metrics)
    for kind in ("mail", "push"):
        await outbox.add(database, kind, {}, clock.now())
    await courier.deliver_due()
    name = "server_outbox_deliveries_total"
    assert value(metrics, name, kind="mail", outcome="failed") == 1
    assert value(metrics, name, kind="push", outcome="delivered") == 1


async def test_queue_pool_and_build_are_read_when_somebody_looks(
    database: Database, clock: FrozenClock, outbox: Outbox
):
    metrics, passwords = Metrics(on=True), Passwords()
    Vitals(metrics, database, outbox, clock).show("live_agent", passwords)
    hashing = asyncio.create_task(passwords.digest("a password of somebody"))
    await asyncio.sleep(0)
    assert value(metrics, "server_passwords_waiting") == 1
    await hashing
    assert value(metrics, "server_passwords_waiting") == 0
    assert 'server_build_info{schema="' in metrics.text()
    assert 'system="live-agent"' in metrics.text()
    if isinstance(database, Postgres):
        async with database.transaction():
            assert value(metrics, "server_database_connections", state="used") == 1
        assert value(metrics, "server_database_connections", state="used") == 0
        assert value(metrics, "server_database_connections", state="most") == 10


async def test_a_held_up_loop_shows_and_a_lost_database_does_not_end_the_task(
    database: Database, clock: FrozenClock, outbox: Outbox
):
    metrics = Metrics(on=True)
    running = asyncio.create_task(Vitals(metrics, database, outbox, clock).run())
    async with asyncio.timeout(30):
        while not value(metrics, "server_event_loop_lag_seconds_count"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert value(metrics, "server_database_up") == 1
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await Vitals(OFF, database, outbox, clock).run()  # off: returns at once


async def test_a_silent_database_is_told():
    class Silent:
        async def waiting(self, _database: object) -> tuple[int, None]:
            from kernel.db import DatabaseUnavailable

            raise DatabaseUnavailable("gone")

    metrics = Metrics(on=True)
    silent: object = Silent()
    await Vitals(metrics, silent, silent, FrozenClock()).look()  # type: ignore[arg-type]
    assert value(metrics, "server_database_up") == 0
