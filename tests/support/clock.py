"""Time that stands still until a test moves it."""

JANUARY_2026 = 1_767_225_600


class FrozenClock:
    """A `kernel.clock.Clock`. Nobody waits: `sleep` moves the time and notes how far."""

    def __init__(self, time: float = JANUARY_2026) -> None:
        self.time = time
        self.slept: list[float] = []

    def now(self) -> int:
        return int(self.time)

    def milliseconds(self) -> int:
        return int(self.time * 1000)

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def advance(self, seconds: float) -> None:
        self.time += seconds
