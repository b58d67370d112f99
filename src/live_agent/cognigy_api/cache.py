"""One value from elsewhere, fetched when it is needed and by one request at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from kernel.clock import Clock

T = TypeVar("T")
U = TypeVar("U")

FAILURE_SECONDS = 3  # nobody asks again so soon after a failure: nobody waits for the same twice


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    since: float
    value: T


class Cache(Generic[T]):
    """`fetch` is called when the value is older than `seconds`; all who wait share its outcome.

    When it fails, the value from before serves until it is `usable_seconds` old.
    """

    def __init__(
        self,
        clock: Clock,
        seconds: float,
        usable_seconds: float,
        fetch: Callable[[], Awaitable[T]],
    ) -> None:
        self._clock, self._fetch = clock, fetch
        self._seconds, self._usable_seconds = seconds, usable_seconds
        self._held: _Held[T] | None = None
        self._failed: _Held[Exception] | None = None
        self._under_way: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """The value; raises what `fetch` raises if there is none that still serves."""
        try:
            return await self.get_newer_than(self._seconds)
        except Exception:
            usable = self._if_newer(self._held, self._usable_seconds)
            if usable is None:
                raise
            return usable.value

    async def get_newer_than(self, seconds: float) -> T:
        """A value of at most that age, not the one from before; raises what `fetch` raises."""
        fresh = self._if_newer(self._held, seconds)
        if fresh is not None:
            return fresh.value
        failed = self._if_newer(self._failed, FAILURE_SECONDS)
        if failed is not None:
            raise failed.value.with_traceback(None)  # or it would grow with each who is told
        # Whoever hangs up takes nobody along: the call goes on.
        return await asyncio.shield(self._call())

    def find(self) -> T | None:
        """What is held, without waiting; a newer one is fetched meanwhile for those to come."""
        if self._if_newer(self._held, self._seconds) is None and (
            self._if_newer(self._failed, FAILURE_SECONDS) is None
        ):
            self._call()
        usable = self._if_newer(self._held, self._usable_seconds)
        return usable.value if usable else None

    def warm(self) -> None:
        """Fetch at the start, without waiting. Both systems may start together: a failure of this
        call says nothing about the next one, and is not remembered.
        """
        self._call().add_done_callback(self._forget_failure)

    def _forget_failure(self, _done: object) -> None:
        self._failed = None

    async def close(self) -> None:
        """Ends the call that is under way."""
        if self._under_way is not None:
            self._under_way.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._under_way

    def _call(self) -> "asyncio.Task[T]":
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._fetch_and_keep())
            self._under_way.add_done_callback(_look_at_outcome)
        return self._under_way

    async def _fetch_and_keep(self) -> T:
        try:
            value = await self._fetch()
        except Exception as error:
            self._failed = _Held(self._clock.monotonic(), error)
            raise
        else:
            self._held, self._failed = _Held(self._clock.monotonic(), value), None
            return value
        finally:
            self._under_way = None

    def _if_newer(self, held: _Held[U] | None, seconds: float) -> _Held[U] | None:
        if held is not None and self._clock.monotonic() - held.since < seconds:
            return held
        return None


def _look_at_outcome(task: "asyncio.Task[T]") -> None:
    """A failure that nobody waited for is no news: the next who asks is told."""
    if not task.cancelled():
        task.exception()
