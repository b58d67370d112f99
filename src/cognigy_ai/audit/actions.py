"""The audit trail. Events are named `noun.verb`; details are ids and codes, never names."""

from cognigy_ai.audit import store
from kernel.db import Tx
from kernel.opaque import new_id


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
    values = {
        "id": new_id(),
        "at": now,
        "event": event,
        "reference": reference,
        "organisation_id": organisation_id,
        "user_id": user_id,
    }
    await store.add(tx, values, details)
