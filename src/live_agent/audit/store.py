"""SQL for the audit trail. Rows are added and never changed."""

from sqlalchemy import insert

from kernel.db import Tx
from live_agent.db.tables import audit_events

_ADD = insert(audit_events)


async def add(tx: Tx, values: dict[str, object]) -> None:
    await tx.one(_ADD, **values)
