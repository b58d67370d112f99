"""How often somebody may ask: draft-ietf-httpapi-ratelimit-headers, RFC 6585 section 4.

Requests are counted in the memory of each server process: behind several processes or machines a
caller has the quota of each that answers. It protects a process from a caller, and is no bill.
"""

import math
from collections import deque
from dataclasses import dataclass

from starlette.requests import Request

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
    """A moving window for each key, in this process's memory; the caller chooses the key."""

    def __init__(self, clock: Clock, quota: Quota = DEFAULT) -> None:
        self._clock, self._quota = clock, quota
        self._requests: dict[str, deque[float]] = {}  # when each was, the oldest first
        self._counted = 0

    def count(self, request: Request, key: str) -> None:
        """One more request; says in the answer how many are left.

        Raises TOO_MANY_REQUESTS when the key has none left; a refused request does not count.
        """
        now = self._clock.monotonic()
        self._forget(now)
        window = self._requests.setdefault(key, deque())
        self._leave(window, now)
        allowed = len(window) < self._quota.requests
        if allowed:
            window.append(now)
        wait = max(math.ceil(window[0] + self._quota.seconds - now), 1)
        policy = f'"default";q={self._quota.requests};w={self._quota.seconds}'
        left = f'"default";r={self._quota.requests - len(window)};t={wait}'
        add_headers(request, {"ratelimit-policy": policy, "ratelimit": left})
        if not allowed:
            raise ProblemError(ApiProblem.TOO_MANY_REQUESTS, retry_after=wait)

    def _leave(self, window: deque[float], now: float) -> None:
        """What the window has moved past."""
        while window and window[0] <= now - self._quota.seconds:
            window.popleft()

    def _forget(self, now: float) -> None:
        """Keys that nobody has used for a window."""
        self._counted += 1
        if self._counted % FORGET_EVERY == 0:
            since = now - self._quota.seconds
            gone = [key for key, window in self._requests.items() if window[-1] <= since]
            for key in gone:
                del self._requests[key]
