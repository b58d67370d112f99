"""Who acts: known at the edge of a request or command, recorded with every event below it.

It travels beside the calls, not through them: every deed on every feature is recorded, and none of
them decides by it (`docs/decisions/0013`). Rights are decided by the `by` that a deed is given.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

USER, API_KEY, CLIENT, OPERATOR, SYSTEM = "user", "api_key", "client", "operator", "system"
PLATFORM = "platform"  # Cognigy.AI, which tells Live Agent what changed there


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is one of the words above; `id` the user's, the key's or the client's."""

    kind: str
    id: str | None = None


NOBODY = Actor(SYSTEM)
_acting: ContextVar[Actor] = ContextVar("acting", default=NOBODY)


def actor() -> Actor:
    """Who acts now; NOBODY for what happens by itself, such as a login that was refused."""
    return _acting.get()


def set_actor(who: Actor) -> None:
    """From here to the end of this request or command."""
    _acting.set(who)


@contextmanager
def acting(who: Actor) -> Iterator[None]:
    """For a part of one: the import that goes on in the name of whoever began it."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)
