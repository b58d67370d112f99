"""Takes letters out of the outbox and delivers them, in the background of each process."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable
from kernel.log import get_logger
from kernel.metrics import OFF, Metrics, counter
from kernel.outbox import BATCH, Deliver, DeliveryFailed, Lane, Letter, Outbox

log = get_logger("kernel.outbox")

DELIVERIES = counter(
    "server_outbox_deliveries_total",
    "Attempts to deliver a mail or to tell the other system: `delivered`, or `failed` and tried "
    "again later.",
    "kind",
    "outcome",
)
DELIVERY_SECONDS = 50  # ends before the lease does
POLL_SECONDS = 1.0


class Courier:
    """Delivers letters in each process, each lane by itself: no mail holds up another letter.

    `deliver` has a function for each kind.
    """

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        deliver: Mapping[str, Deliver],
        metrics: Metrics = OFF,
    ) -> None:
        self._database, self._outbox, self._clock = database, outbox, clock
        self._deliver = deliver
        self._metrics = metrics
        self._woken = {lane: asyncio.Event() for lane in Lane}
        self._over = False

    def wake(self) -> None:
        """Look now: a letter was put in, here or by another process."""
        for woken in self._woken.values():
            woken.set()

    def finish(self) -> None:
        """End after the letters in hand."""
        self._over = True
        self.wake()

    async def run(self) -> None:
        """Until it is finished or cancelled; letters in hand are given back then."""
        async with asyncio.TaskGroup() as lanes:
            for lane in Lane:
                lanes.create_task(self._run(lane))

    async def _run(self, lane: Lane) -> None:
        while not self._over:
            self._woken[lane].clear()
            try:
                found = await self.deliver_due(lane)
            except DatabaseUnavailable as error:
                log.warning("outbox.database_unavailable", error=str(error))
                found = 0
            except Exception:
                log.exception("outbox.courier_failed")
                found = 0
            if found < BATCH and not self._over:
                await self._pause(lane)

    async def deliver_due(self, lane: Lane | None = None) -> int:
        """Try each letter that is due, at most one batch, at the same time; returns how many."""
        letters = await self._outbox.lease(self._database, self._clock.now(), lane=lane)
        each = (self._deliver_one(letter) for letter in letters)
        try:
            outcomes = await asyncio.gather(*each, return_exceptions=True)
        except asyncio.CancelledError:
            for letter in letters:
                await self._outbox.release(self._database, letter)
            raise
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome  # the database failed; the lease brings that letter back
        return len(letters)

    async def _deliver_one(self, letter: Letter) -> None:
        error = await self._attempt(letter)
        outcome = "delivered" if error is None else "failed"
        self._metrics.count(DELIVERIES, letter.kind, outcome)
        now = self._clock.now()
        if error is None:
            await self._outbox.done(self._database, letter.id, now)
            log.info("outbox.delivered", letter=letter.id, kind=letter.kind)
            return
        await self._outbox.failed(self._database, letter.id, error, now)
        log.warning(
            "outbox.failed",
            letter=letter.id,
            kind=letter.kind,
            attempts=letter.attempts,
            error=error,
        )

    async def _attempt(self, letter: Letter) -> str | None:
        """Why it failed, in words fit for a log, or None."""
        deliver = self._deliver.get(letter.kind)
        if deliver is None:
            return "nothing here delivers this kind"
        if letter.payload is None:
            return "sealed with a key that is not in SECRET_KEY_BASE or SECRET_KEY_BASE_PREVIOUS"
        try:
            async with asyncio.timeout(DELIVERY_SECONDS):
                await deliver(letter.payload, letter.id)
        except DeliveryFailed as error:
            return str(error)
        except TimeoutError:
            return f"no answer in {DELIVERY_SECONDS} seconds"
        except Exception as error:
            # A bug or a library's own words, which may name people: the trace has no values.
            log.exception("outbox.delivery_broke", letter=letter.id, kind=letter.kind)
            return type(error).__name__
        return None

    async def _pause(self, lane: Lane) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken[lane].wait()
