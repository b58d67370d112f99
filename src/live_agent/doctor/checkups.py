"""The doctor for pages: one examination at a time, which all who ask in the same seconds share."""

import asyncio

from kernel.clock import Clock
from kernel.db import Database
from live_agent.doctor import actions
from live_agent.doctor.rules.finding import Finding
from live_agent.settings import Settings

KEPT_SECONDS = 30
AGAIN_SECONDS = 5  # whoever presses faster holds up no other account, and floods no platform
MOST_KEPT = 100


class Checkups:
    """One for each process. A page that is opened often costs the platform nothing."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings, self._database, self._clock = settings, database, clock
        self._kept: dict[int, tuple[float, list[Finding]]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def of(self, account_id: int) -> list[Finding]:
        """What the doctor finds for the account, at most half a minute old."""
        async with self._one_at_a_time:
            kept = self._kept.get(account_id)
            if kept is not None and self._clock.monotonic() - kept[0] < KEPT_SECONDS:
                return kept[1]
            found = await actions.examine_account(
                self._settings, self._database, self._clock, account_id
            )
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[account_id] = (self._clock.monotonic(), found)
            return found

    def forget(self, account_id: int) -> None:
        """Somebody has changed something: the next one asks anew, if that was not done just now."""
        kept = self._kept.get(account_id)
        if kept is not None and self._clock.monotonic() - kept[0] >= AGAIN_SECONDS:
            del self._kept[account_id]
