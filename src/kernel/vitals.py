"""The state of one process for Prometheus: what is read at each look, and what is asked for."""

import asyncio
from importlib.metadata import version
from time import perf_counter

from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable, Postgres
from kernel.log import get_logger
from kernel.metrics import Metrics, gauge, histogram
from kernel.migrations import known_versions
from kernel.outbox import Outbox
from kernel.passwords import Passwords
from kernel.web.guards import FAILURES

log = get_logger("kernel.vitals")

LOOK_EVERY_SECONDS = 10
LAG_EVERY_SECONDS = 0.5
DISTRIBUTION = "live-agent-cognigy-login"

BUILD = gauge(
    "server_build_info",
    "Always 1: which system this is, its version, and the schema that it needs.",
    "system",
    "version",
    "schema",
)
LAG = histogram(
    "server_event_loop_lag_seconds",
    "How much later than asked for the event loop comes back; measured twice a second.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0),
)
PASSWORDS_WAITING = gauge(
    "server_passwords_waiting",
    "Passwords that are being hashed or wait for their turn; from 32 on people are asked to wait.",
)
CONNECTIONS = gauge(
    "server_database_connections",
    "Connections of this process to PostgreSQL: `used`, `idle`, and `most` (POSTGRES_POOL).",
    "state",
)
DATABASE_UP = gauge(
    "server_database_up", "1 if the database answered the last question, 0 if it did not."
)
OUTBOX_WAITING = gauge(
    "server_outbox_waiting",
    "Mails and messages to the other system that are not delivered yet; the same in each replica.",
)
OUTBOX_OLDEST = gauge(
    "server_outbox_oldest_seconds", "Since when the oldest of them waits; 0 if none does."
)


class Vitals:
    """One task in each process, while metrics are on."""

    def __init__(self, metrics: Metrics, database: Database, outbox: Outbox, clock: Clock) -> None:
        self._metrics, self._database = metrics, database
        self._outbox, self._clock = outbox, clock

    def show(self, package: str, passwords: Passwords) -> None:
        """What costs nothing until somebody looks."""
        metrics, database = self._metrics, self._database
        if not metrics.on:
            return
        system = package.replace("_", "-")
        metrics.set(BUILD, 1, system, version(DISTRIBUTION), known_versions(package)[-1])
        metrics.declare(FAILURES)
        metrics.watch(PASSWORDS_WAITING, lambda: passwords.waiting)
        if isinstance(database, Postgres):
            metrics.watch(CONNECTIONS, lambda: database.connections.used, "used")
            metrics.watch(CONNECTIONS, lambda: database.connections.idle, "idle")
            metrics.watch(CONNECTIONS, lambda: database.connections.most, "most")

    async def run(self) -> None:
        """Until cancelled; with metrics off there is nothing to do."""
        if not self._metrics.on:
            return
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._measure_lag())
            tasks.create_task(self._keep_looking())

    async def look(self) -> None:
        """Once: what only the database knows."""
        try:
            waiting, since = await self._outbox.waiting(self._database)
        except DatabaseUnavailable:
            self._metrics.set(DATABASE_UP, 0)
            return
        except Exception:
            log.exception("vitals.look_failed")
            return
        age = 0 if since is None else max(0, self._clock.now() - since)
        self._metrics.set(DATABASE_UP, 1)
        self._metrics.set(OUTBOX_WAITING, waiting)
        self._metrics.set(OUTBOX_OLDEST, age)

    async def _keep_looking(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _measure_lag(self) -> None:
        while True:
            begun = perf_counter()
            await asyncio.sleep(LAG_EVERY_SECONDS)
            late = perf_counter() - begun - LAG_EVERY_SECONDS
            self._metrics.observe(LAG, max(0.0, late))
