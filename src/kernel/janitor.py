"""Removes rows that time has made useless, in the background of each process."""

from collections.abc import Awaitable, Callable, Sequence

from kernel.clock import Clock
from kernel.db import DatabaseUnavailable
from kernel.log import get_logger

log = get_logger("kernel.janitor")

EVERY_SECONDS = 600

Job = Callable[[int], Awaitable[int]]


class Janitor:
    """Each job gets `now` and returns how many rows it removed; one that fails stops no other."""

    def __init__(
        self, clock: Clock, jobs: Sequence[Job], every_seconds: float = EVERY_SECONDS
    ) -> None:
        self._clock, self._jobs, self._every = clock, jobs, every_seconds

    async def run(self) -> None:
        """Until it is cancelled; the first round is one interval after the start."""
        while True:
            await self._clock.sleep(self._every)
            await self.sweep()

    async def sweep(self) -> int:
        """One round; returns how many rows it removed."""
        removed = 0
        for job in self._jobs:
            try:
                removed += await job(self._clock.now())
            except DatabaseUnavailable as error:
                log.warning("janitor.database_unavailable", error=str(error))
            except Exception:
                log.exception("janitor.job_failed")
        if removed:
            log.info("janitor.removed", rows=removed)
        return removed
