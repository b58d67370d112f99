"""How far a process is in its life, for whoever has to know that the end is near.

SIGTERM: `drain` (readiness says no, answers ask the client to connect elsewhere next time), after a
while `last_call` (no new connection; live connections end politely), then the server's own end.
"""

from collections.abc import Callable


class Life:
    """One for each process; made before the server, known to its application.

    The drain takes `drain_seconds`; what is under way after it has `finish_seconds` more.
    """

    def __init__(self, drain_seconds: float = 0, finish_seconds: int = 20) -> None:
        self.drain_seconds, self.finish_seconds = drain_seconds, finish_seconds
        self.draining = False
        self._at_last_call: list[Callable[[], None]] = []

    def at_last_call(self, act: Callable[[], None]) -> None:
        """`act` is called once when no new connection is taken any more; it must not wait."""
        self._at_last_call.append(act)

    def drain(self) -> None:
        """New work is for others from now on; what comes nevertheless is done."""
        self.draining = True

    def last_call(self) -> None:
        """Whoever holds a connection open lets it go."""
        self.draining = True
        while self._at_last_call:
            self._at_last_call.pop()()
