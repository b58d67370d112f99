"""What waits to be told, for Prometheus: looked at every ten seconds in each process."""

import asyncio

from cognigy_ai.signals import store
from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable
from kernel.log import get_logger
from kernel.metrics import Metrics, gauge

log = get_logger(__name__)

LOOK_EVERY_SECONDS = 10
DAY_SECONDS = 86_400

WAITING = gauge(
    "cognigy_ai_signals_waiting",
    "Changes of access that a receiver was not told yet; the same in each replica.",
)
OLDEST = gauge(
    "cognigy_ai_signals_oldest_seconds", "Since when the oldest of them waits; 0 if none does."
)
REFUSED = gauge(
    "cognigy_ai_signals_refused",
    "Changes that a receiver refused for good within a day, or that were given up.",
)


class Backlog:
    """One task in each process, while metrics are on."""

    def __init__(self, metrics: Metrics, database: Database, clock: Clock) -> None:
        self._metrics, self._database, self._clock = metrics, database, clock

    async def run(self) -> None:
        """Until cancelled; with metrics off there is nothing to do."""
        while self._metrics.on:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Once."""
        now = self._clock.now()
        try:
            found = await store.count_backlog(self._database, now - DAY_SECONDS)
        except DatabaseUnavailable:
            return  # `server_database_up` says so
        except Exception:
            log.exception("signals.look_failed")
            return
        since = found["since"]
        self._metrics.set(WAITING, found["waiting"])
        self._metrics.set(OLDEST, 0 if since is None else max(0, now - since))
        self._metrics.set(REFUSED, found["refused"])
