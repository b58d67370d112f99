"""SQL for states that have come back."""

from sqlalchemy import bindparam

from kernel.db import Tx
from kernel.upsert import upsert
from live_agent.db.tables import spent_states

_c = spent_states.c

CLAIM_STATE = (
    upsert(spent_states)
    .values(fingerprint=bindparam("fingerprint"), expires_at=bindparam("expires_at"))
    .on_conflict_do_nothing()
    .returning(_c.fingerprint)
)


async def claim_state(tx: Tx, fingerprint: str, expires_at: int) -> bool:
    """True for the first who comes back with that state, of any number at the same time."""
    row = await tx.one(CLAIM_STATE, fingerprint=fingerprint, expires_at=expires_at)
    return row is not None
