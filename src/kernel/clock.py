"""The only place that reads the time."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Both times of an application; a test passes its own."""

    def now(self) -> int:
        """Whole seconds since 1970, UTC (NumericDate, RFC 7519 section 2)."""
        ...

    def milliseconds(self) -> int:
        """The same in milliseconds, for what is measured between two machines."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards, for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a test's clock may return at once and only count."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        return int(time.time())

    def milliseconds(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        import asyncio  # noqa: PLC0415 - command lines that never sleep start faster without it

        await asyncio.sleep(seconds)


def utc_text(seconds: int) -> str:
    """`2026-11-22T22:19:30Z` (RFC 3339), for programs."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
