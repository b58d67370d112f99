"""The audit trail of the platform. Events are named `noun.verb`; details are ids and codes."""

from cognigy_ai.audit.store import TRAIL
from kernel.audit.actor import NOBODY, USER, Actor, acting, actor, set_actor
from kernel.audit.rules import EVERYTHING, Cursor, Event, EventFilter, EventPage
from kernel.audit.trail import Facts
from kernel.db import Tx

__all__ = [
    "EVERYTHING",
    "NOBODY",
    "TRAIL",
    "USER",
    "Actor",
    "Cursor",
    "Event",
    "EventFilter",
    "EventPage",
    "acting",
    "actor",
    "record",
    "set_actor",
]


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
    await TRAIL.record(tx, event, now, Facts(reference, user_id, organisation_id, details))
