"""One value from elsewhere, fetched when it is needed and by one request at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from kernel.clock import Clock

T = TypeVar("T")


class Cache(Generic[T]):
    """`fetch` is called when the value is older than `seconds`; while it runs the others wait."""

    def __init__(self, clock: Clock, seconds: float, fetch: Callable[[], Awaitable[T]]) -> None:
        self._clock, self._seconds, self._fetch = clock, seconds, fetch
        self._turn = asyncio.Lock()
        self._held: tuple[float, T] | None = None

    async def get(self, no_older_than: float | None = None) -> T:
        """The value, at most `no_older_than` seconds old; raises what `fetch` raises."""
        most = self._seconds if no_older_than is None else no_older_than
        fresh = self._fresh(most)
        if fresh is not None:
            return fresh[1]
        async with self._turn:
            # Somebody else may have fetched it while this request waited.
            fresh = self._fresh(most)
            if fresh is None:
                value = await self._fetch()
                fresh = self._held = (self._clock.monotonic(), value)
            return fresh[1]

    def _fresh(self, most: float) -> tuple[float, T] | None:
        held = self._held
        if held is not None and self._clock.monotonic() - held[0] < most:
            return held
        return None
