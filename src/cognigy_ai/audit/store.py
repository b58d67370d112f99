"""SQL for audit events: they are added and never changed."""

import json
from collections.abc import Mapping

from sqlalchemy import insert

from cognigy_ai.db.tables import audit_events
from kernel.db import Tx

ADD = insert(audit_events)


async def add(tx: Tx, values: Mapping[str, object], details: Mapping[str, object]) -> None:
    await tx.one(ADD, **values, details=json.dumps(dict(details), ensure_ascii=False))
