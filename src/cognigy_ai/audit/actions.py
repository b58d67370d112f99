"""The audit trail. Events are named `noun.verb`; details are ids and codes, never names."""

from collections.abc import AsyncIterator
from itertools import count

from cognigy_ai.audit import rules
from cognigy_ai.audit.actor import NOBODY, USER, Actor, acting, actor, set_actor
from cognigy_ai.audit.rules import EVERYTHING, Cursor, Event, EventFilter, EventPage
from cognigy_ai.audit.store import events as store
from cognigy_ai.audit.store import seals
from kernel.db import Database, Tx
from kernel.opaque import new_object_id

__all__ = [
    "EVERYTHING",
    "NOBODY",
    "USER",
    "Actor",
    "Cursor",
    "Event",
    "EventFilter",
    "EventPage",
    "acting",
    "actor",
    "find_event",
    "list_events",
    "prune",
    "record",
    "set_actor",
    "walk",
]

# Events of one second are read in the order in which this process recorded them.
_order = count()
_ORDERS = 2**32

PAGE = 50
WALKED_AT_ONCE = 500
PRUNED_AT_ONCE = 10_000


async def record(
    tx: Tx,
    event: str,
    now: int,
    *,
    reference: str | None = None,
    user_id: str | None = None,
    organisation_id: str | None = None,
    **details: object,
) -> None:
    """Add one event, in the transaction of what it tells.

    Without an organisation it is that of the user, or of the person who acts.
    """
    who = actor()
    values = {
        "id": _next_id(),
        "at": now,
        "event": event,
        "reference": reference,
        "organisation_id": organisation_id,
        "user_id": user_id,
        "whose": user_id or (who.id if who.kind == USER else None),
        "actor_kind": who.kind,
        "actor_id": who.id,
    }
    await store.add(tx, values, details)


async def list_events(
    db: Tx,
    organisation_id: str | None,
    wanted: EventFilter = EVERYTHING,
    *,
    older_than: Cursor | None = None,
    newer_than: Cursor | None = None,
    limit: int = PAGE,
) -> EventPage:
    """A page of an organisation's events, the newest first; None is an operator's view of all.

    `older_than` goes on to the next page, `newer_than` back to the one before.
    """
    back = newer_than is not None
    asked = _asked(organisation_id, wanted)
    cursor = newer_than if back else older_than
    found = await store.list_events(db, asked, cursor, limit + 1, newer=back)
    more = len(found) > limit
    events = found[:limit]
    if back:
        events.reverse()
    if not events:
        return EventPage((), None, None)
    has_older, has_newer = (True, more) if back else (more, cursor is not None)
    return EventPage(
        tuple(events),
        events[-1].cursor if has_older else None,
        events[0].cursor if has_newer else None,
    )


async def find_event(db: Tx, organisation_id: str | None, event_id: str) -> Event | None:
    """None if there is no such event in the organisation."""
    asked = _asked(organisation_id, EVERYTHING) | {"id": event_id}
    found = await store.list_events(db, asked, None, 1, newer=False)
    return found[0] if found else None


async def walk(
    db: Tx, organisation_id: str | None, wanted: EventFilter = EVERYTHING, most: int | None = None
) -> AsyncIterator[Event]:
    """Every event of a filter, the newest first, for an export; read in pieces."""
    asked = _asked(organisation_id, wanted)
    cursor: Cursor | None = None
    left = most
    while left is None or left > 0:
        size = WALKED_AT_ONCE if left is None else min(left, WALKED_AT_ONCE)
        found = await store.list_events(db, asked, cursor, size, newer=False)
        for event in found:
            yield event
        if len(found) < size:
            return
        cursor = found[-1].cursor
        left = None if left is None else left - size


async def prune(database: Database, now: int, minutes: int) -> int:
    """Remove what is older than so many minutes (0: nothing is); returns how many.

    Only whole sealed batches, from the oldest on, so that the rest can still be verified. Called
    again it goes on: one statement never holds up others for long.
    """
    before = rules.kept_from(now, minutes)
    if before is None:
        return 0
    async with database.transaction() as tx:
        return await seals.remove(tx, before, PRUNED_AT_ONCE, now)


def _next_id() -> str:
    return f"{next(_order) % _ORDERS:08x}{new_object_id()}"


def _asked(organisation_id: str | None, wanted: EventFilter) -> dict[str, object]:
    scope = {} if organisation_id is None else {"organisation": organisation_id}
    return scope | wanted.asked()
