"""Seals new events, in the background of each process; `chain` says what for.

At most one process seals at a time: each takes the next number first, and whoever comes second
finds it taken. A process that dies in between leaves nothing behind: it is one transaction.
"""

from kernel.audit import chain
from kernel.audit.seals import Seals
from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable
from kernel.log import get_logger

log = get_logger("kernel.audit")

BATCH = 500
EVERY_SECONDS = 1.0


class Sealer:
    """One task in each process."""

    def __init__(self, database: Database, clock: Clock, seals: Seals) -> None:
        self._database, self._clock, self._seals = database, clock, seals

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._clock.sleep(EVERY_SECONDS)
            try:
                await self.seal_waiting()
            except DatabaseUnavailable as error:
                log.warning("audit.database_unavailable", error=str(error))
            except Exception:
                log.exception("audit.sealer_failed")

    async def seal_waiting(self) -> int:
        """Batch after batch until nothing waits; one read where nothing does. Returns how many."""
        sealed = 0
        while await self._seals.is_waiting(self._database):
            batch = await seal_batch(self._database, self._seals, self._clock.now())
            sealed += batch
            if batch < BATCH:
                break  # what came meanwhile has time; somebody else may be at it
        return sealed


async def seal_batch(database: Database, seals: Seals, now: int) -> int:
    """Seal what waits, so many at once; returns how many, 0 also if another process does it."""
    async with database.transaction() as tx:
        before = await seals.find_last(tx)
        number = chain.number_after(before)
        if not await seals.claim(tx, number):
            return 0
        rows = await seals.place(tx, chain.end_of(before), BATCH)
        if rows:
            await seals.seal(tx, chain.seal_of(before, rows, now))
        else:  # somebody else was quicker
            await seals.forget(tx, number)
    return len(rows)
