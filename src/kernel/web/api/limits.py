"""How often somebody may ask: draft-ietf-httpapi-ratelimit-headers, RFC 6585 section 4."""

import math
from dataclasses import dataclass

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from kernel.clock import SystemClock
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
    """A moving window for each key, in this process's memory; the caller chooses the key."""

    def __init__(self, quota: Quota = DEFAULT) -> None:
        self._quota = quota
        self._item = RateLimitItemPerSecond(quota.requests, quota.seconds)
        self._storage = MemoryStorage()
        self._windows = MovingWindowRateLimiter(self._storage)
        self._counted = 0

    def count(self, request: Request, key: str) -> None:
        """One more request; says in the answer how many are left.

        Raises TOO_MANY_REQUESTS when the key has none left.
        """
        self._forget()
        allowed = self._windows.hit(self._item, key)
        window = self._windows.get_window_stats(self._item, key)
        left = math.ceil(window.reset_time - SystemClock().now())
        wait = min(max(left, 1), self._quota.seconds)
        add_headers(
            request,
            {
                "ratelimit-policy": f'"default";q={self._quota.requests};w={self._quota.seconds}',
                "ratelimit": f'"default";r={window.remaining};t={wait}',
            },
        )
        if not allowed:
            raise ProblemError(ApiProblem.TOO_MANY_REQUESTS, retry_after=wait)

    def _forget(self) -> None:
        """The library keeps an empty list for each key that it has ever seen."""
        self._counted += 1
        if self._counted % FORGET_EVERY == 0:
            for key in [key for key, events in self._storage.events.items() if not events]:
                self._storage.clear(key)
