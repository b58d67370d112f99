"""The doctor for pages: one examination of an account at a time, which all who ask share.

No account waits for another one's platform to answer; a few are examined at the same time.
"""

import asyncio
from dataclasses import dataclass, field

from kernel.clock import Clock
from kernel.db import Database
from live_agent.doctor import actions, stories
from live_agent.doctor.questions import Lines, Questions
from live_agent.doctor.rules.finding import Finding
from live_agent.doctor.stories import Story
from live_agent.settings import Settings

KEPT_SECONDS = 30
AGAIN_SECONDS = 5  # whoever presses faster floods no platform; a failure is kept as long
MOST_KEPT = 100
AT_THE_SAME_TIME = 8


@dataclass(slots=True)
class _Checkup:
    """What was found at `at`, or how the examination failed; it holds until `until`."""

    found: list[Finding] | Exception = field(default_factory=list)
    at: float = 0
    until: float = float("-inf")
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


class Checkups:
    """One for each process; `close` it at the end. A page that is opened often costs nothing."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings, self._database, self._clock = settings, database, clock
        self._lines = Lines(settings)
        self._of: dict[int, _Checkup] = {}
        self._few = asyncio.Semaphore(AT_THE_SAME_TIME)

    async def close(self) -> None:
        await self._lines.close()

    async def of(self, account_id: int) -> list[Finding]:
        """What the doctor finds for the account, at most half a minute old."""
        if account_id not in self._of and len(self._of) >= MOST_KEPT:
            self._of = {i: one for i, one in self._of.items() if one.one_at_a_time.locked()}
        checkup = self._of.setdefault(account_id, _Checkup())
        async with checkup.one_at_a_time:
            if self._clock.monotonic() >= checkup.until:
                await self._examine(account_id, checkup)
            if isinstance(checkup.found, Exception):
                raise checkup.found.with_traceback(None)
            return checkup.found

    def forget(self, account_id: int) -> None:
        """Somebody has changed something: the next one asks anew, but not at once after another."""
        if (checkup := self._of.get(account_id)) is not None:
            checkup.until = min(checkup.until, checkup.at + AGAIN_SECONDS)

    async def story(self, account_id: int, reference: str) -> Story:
        """What became of a login of that account; asks the platform each time."""
        return await stories.of(self._questions(), self._database, reference, account_id)

    async def _examine(self, account_id: int, checkup: _Checkup) -> None:
        async with self._few:
            try:
                checkup.found = await actions.examine_account(
                    self._settings, self._database, self._questions(), account_id
                )
                kept = KEPT_SECONDS
            except Exception as error:
                checkup.found, kept = error, AGAIN_SECONDS
        checkup.at = self._clock.monotonic()
        checkup.until = checkup.at + kept

    def _questions(self) -> Questions:
        return Questions(self._settings, self._clock, self._lines)
