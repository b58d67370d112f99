"""Live connections of this process, and how they learn that their session has ended.

The sessions' own table is the truth: each replica reads what ended since it looked last, with one
indexed statement every half second while anybody is connected, and at once when it is woken.
Nothing can be lost on the way.
"""

import asyncio
from collections import defaultdict
from contextlib import suppress

from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable, Row
from kernel.log import get_logger
from kernel.metrics import OFF, Metrics
from live_agent.sessions import ends
from live_agent.sessions.store import checks as store

log = get_logger(__name__)

LOOK_EVERY_SECONDS = 0.5
LOOK_FOR_GONE_EVERY = 6  # looks: whose row was deleted is not among those that ended
LOOK_AGAIN_SECONDS = 0.05  # however often it is woken
LOOK_BACK_SECONDS = 10  # a transaction that ended a session may commit that much later


class Streams:
    """One for each process."""

    _over = False

    def __init__(self, database: Database, clock: Clock, metrics: Metrics = OFF) -> None:
        self._database, self._clock, self._metrics = database, clock, metrics
        self._open: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._woken = asyncio.Event()
        self._looks_until_gone = LOOK_FOR_GONE_EVERY

    def wake(self) -> None:
        """Sessions have ended, here or elsewhere: look now."""
        self._woken.set()

    def wake_for_gone(self) -> None:
        """People were deleted, with their sessions: look for those, too."""
        self._looks_until_gone = 0
        self._woken.set()

    async def ended_within(self, fingerprint: str, seconds: float) -> bool:
        """Wait so long; True as soon as the session has ended."""
        ended = asyncio.Event()
        if self._over:
            return False
        self._open[fingerprint].add(ended)
        try:
            async with asyncio.timeout(seconds):
                await ended.wait()
        except TimeoutError:
            return False
        finally:
            self._open[fingerprint].discard(ended)
            if not self._open[fingerprint]:
                del self._open[fingerprint]
        return not self._over  # whether it has ended is asked again by the next process

    def finish(self) -> None:
        """This process is about to end: every connection is let go, and opened anew elsewhere."""
        self._over = True
        self._woken.set()
        for events in self._open.values():
            for event in events:
                event.set()

    async def run(self) -> None:
        """Look until it is finished or cancelled."""
        while not self._over:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS - LOOK_AGAIN_SECONDS):
                    await self._woken.wait()
            self._woken.clear()
            if self._open:
                await self.look()

    async def look(self) -> None:
        """Once: wake everybody whose session has ended."""
        since = self._clock.now() - LOOK_BACK_SECONDS
        try:
            ended = await store.list_ended(self._database, since)
            told = [row["fingerprint"] for row in ended if self._tell(row)]
            if told:
                at_ms = self._clock.milliseconds()
                await ends.note_told(self._database, self._metrics, told, at_ms)
            await self._look_for_gone()
        except DatabaseUnavailable as error:
            log.warning("streams.not_looked", cause=repr(error))
        except Exception:
            log.exception("streams.look_failed")  # the next look comes all the same

    async def _look_for_gone(self) -> None:
        """Every few seconds, or when somebody says so: is there still a row of each?"""
        self._looks_until_gone -= 1
        if self._looks_until_gone > 0:
            return
        self._looks_until_gone = LOOK_FOR_GONE_EVERY
        asked = list(self._open)
        there = await store.list_there(self._database, asked)
        for fingerprint in set(asked) - there:
            for event in self._open.get(fingerprint, ()):
                event.set()

    def _tell(self, ended: Row) -> bool:
        """Wake its connections; True if that ends a measured time."""
        waiting = [e for e in self._open.get(ended["fingerprint"], ()) if not e.is_set()]
        for event in waiting:
            event.set()
        return bool(waiting) and ended["changed_ms"] is not None
