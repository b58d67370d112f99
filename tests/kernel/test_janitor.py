"""The janitor sweeps at intervals and outlives every job."""

import asyncio

import pytest
import structlog

from kernel.db import DatabaseUnavailable
from kernel.janitor import Janitor
from support.clock import JANUARY_2026, FrozenClock


async def test_one_job_that_fails_stops_no_other(clock: FrozenClock) -> None:
    swept: list[int] = []

    async def unavailable(_now: int) -> int:
        raise DatabaseUnavailable("SQLITE_BUSY")

    async def broken(_now: int) -> int:
        raise ZeroDivisionError

    async def prune(now: int) -> int:
        swept.append(now)
        return 3

    with structlog.testing.capture_logs() as logs:
        assert await Janitor(clock, [unavailable, broken, prune, prune]).sweep() == 6
    assert swept == [JANUARY_2026] * 2
    assert [entry["event"] for entry in logs] == [
        "janitor.database_unavailable",
        "janitor.job_failed",
        "janitor.removed",
    ]


async def test_nothing_removed_is_not_told(clock: FrozenClock) -> None:
    with structlog.testing.capture_logs() as logs:
        assert await Janitor(clock, []).sweep() == 0
    assert logs == []


async def test_it_sweeps_every_interval_until_it_is_stopped(clock: FrozenClock) -> None:
    swept: list[int] = []
    enough = asyncio.Event()

    async def prune(now: int) -> int:
        swept.append(now - JANUARY_2026)
        await asyncio.sleep(0)
        if len(swept) == 3:
            enough.set()
        return 0

    task = asyncio.create_task(Janitor(clock, [prune], every_seconds=60).run())
    await enough.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert swept[:3] == [60, 120, 180]
