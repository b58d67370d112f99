"""The machine's clock."""

import time

from kernel.clock import SystemClock


async def test_it_tells_and_waits_for_the_machines_time() -> None:
    clock = SystemClock()
    assert abs(clock.now() - time.time()) < 2
    assert isinstance(clock.now(), int)
    before = clock.monotonic()
    await clock.sleep(0.02)
    assert clock.monotonic() - before > 0.015
