"""The machine's clock."""

import time

from kernel.clock import SystemClock, utc_text


async def test_it_tells_and_waits_for_the_machines_time() -> None:
    clock = SystemClock()
    assert abs(clock.now() - time.time()) < 2
    assert isinstance(clock.now(), int)
    before = clock.monotonic()
    await clock.sleep(0.02)
    assert clock.monotonic() - before > 0.015


def test_a_time_for_programs_is_rfc_3339_in_utc() -> None:
    assert utc_text(1_767_225_600) == "2026-01-01T00:00:00Z"
