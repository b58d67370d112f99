"""The audit trail. Events are named `noun.verb`; details are ids and codes, never names."""

from cognigy_ai.audit import store
from cognigy_ai.audit.actor import NOBODY, USER, Actor, acting, actor, set_actor
from kernel.db import Tx
from kernel.opaque import new_id

__all__ = ["NOBODY", "USER", "Actor", "acting", "actor", "record", "set_actor"]


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
    """Add one event, in the transaction of what it tells."""
    who = actor()
    values = {
        "id": new_id(),
        "at": now,
        "event": event,
        "reference": reference,
        "organisation_id": organisation_id,
        "user_id": user_id,
        "actor_kind": who.kind,
        "actor_id": who.id,
    }
    await store.add(tx, values, details)
