"""How often somebody may ask: draft-ietf-httpapi-ratelimit-headers, RFC 6585 section 4.

Requests are counted in the memory of each server process and, if there is a Valkey, in one window
of all processes. Without it, or while it is away, a caller has the quota of each process that
answers. It protects the servers from a caller, and is no bill.
"""

import math
from collections import deque
from dataclasses import dataclass

from starlette.requests import Request

from kernel.bus import Bus, Counted
from kernel.clock import Clock
from kernel.problems import ProblemError
from kernel.web.api.boundary import add_headers
from kernel.web.api.problems import ApiProblem

FORGET_EVERY = 1000  # requests


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in so many seconds."""

    requests: int
    seconds: int


DEFAULT = Quota(1000, 300)


class RateLimiter:
    """A moving window for each key; the caller chooses the key.

    `name` tells the limiters apart that count with the same bus.
    """

    def __init__(
        self, clock: Clock, quota: Quota = DEFAULT, *, bus: Bus | None = None, name: str = ""
    ) -> None:
        self._clock, self._quota, self._bus, self._name = clock, quota, bus, name
        self._requests: dict[str, deque[float]] = {}  # when each was, the oldest first
        self._counted = 0

    async def count(self, request: Request, key: str) -> None:
        """One more request; says in the answer how many are left.

        Raises TOO_MANY_REQUESTS when the key has none left; a refused request does not count.
        """
        counted = await self._count(key)
        wait = max(math.ceil(counted.seconds_left), 1)
        policy = f'"default";q={self._quota.requests};w={self._quota.seconds}'
        left = f'"default";r={self._quota.requests - counted.used};t={wait}'
        add_headers(request, {"ratelimit-policy": policy, "ratelimit": left})
        if not counted.allowed:
            raise ProblemError(ApiProblem.TOO_MANY_REQUESTS, retry_after=wait)

    async def count_on_page(self, key: str) -> int:
        """One more request; how many seconds to wait if that is too many, else 0."""
        counted = await self._count(key)
        return 0 if counted.allowed else max(math.ceil(counted.seconds_left), 1)

    async def _count(self, key: str) -> Counted:
        """The stricter count: that of this process does not forget when Valkey is restarted."""
        here = self._count_here(key)
        if self._bus is None or not here.allowed:
            return here
        name = f"{self._name}:{key}"
        everywhere = await self._bus.count(name, self._quota.requests, self._quota.seconds)
        if everywhere is None:
            return here
        if not everywhere.allowed:
            self._requests[key].pop()
        return everywhere if everywhere.used >= here.used else here

    def _count_here(self, key: str) -> Counted:
        now = self._clock.monotonic()
        self._forget(now)
        window = self._requests.setdefault(key, deque())
        self._leave(window, now)
        allowed = len(window) < self._quota.requests
        if allowed:
            window.append(now)
        return Counted(allowed, len(window), window[0] + self._quota.seconds - now)

    def _leave(self, window: deque[float], now: float) -> None:
        """What the window has moved past."""
        while window and window[0] <= now - self._quota.seconds:
            window.popleft()

    def _forget(self, now: float) -> None:
        """Keys that nobody has used for a window."""
        self._counted += 1
        if self._counted % FORGET_EVERY == 0:
            since = now - self._quota.seconds
            gone = [k for k, window in self._requests.items() if not window or window[-1] <= since]
            for key in gone:
                del self._requests[key]
