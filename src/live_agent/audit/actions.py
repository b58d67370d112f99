"""The audit trail: one row for each event, in the transaction that it describes."""

import json

from kernel.db import Tx
from kernel.opaque import new_id
from live_agent.audit import store


async def record(
    tx: Tx,
    event: str,
    now: int,
    *,
    reference: str | None = None,
    user_id: str | None = None,
    account_id: int | None = None,
    **details: object,
) -> None:
    """Add an event (`noun.verb`). Details are ids and codes: never a name, address or secret."""
    await store.add(
        tx,
        {
            "id": new_id("au_"),
            "at": now,
            "event": event,
            "reference": reference,
            "account_id": account_id,
            "user_id": user_id,
            "details": json.dumps(details, sort_keys=True),
        },
    )
