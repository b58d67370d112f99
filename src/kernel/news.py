"""What commits tell within one process: topics, heard by whoever listens."""

from collections.abc import Callable, Iterable

Listener = Callable[[str], None]  # called with a topic after the commit; it must not wait


class News:
    """A database tells; readers that would otherwise only look every now and then listen."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def tell(self, topic: str) -> None:
        """At once: outside of a transaction a statement is committed when it returns."""
        for listener in self._listeners:
            listener(topic)

    def tell_all(self, topics: Iterable[str]) -> None:
        """What a transaction had to tell, each topic once."""
        for topic in dict.fromkeys(topics):
            self.tell(topic)
