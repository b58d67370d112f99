"""The audit trail: one row for each event, in the transaction that it describes."""

from kernel.audit.actor import NOBODY, PLATFORM, USER, Actor, acting, set_actor
from kernel.audit.trail import Facts
from kernel.db import Tx
from live_agent.audit.store import TRAIL

__all__ = ["NOBODY", "PLATFORM", "TRAIL", "USER", "Actor", "acting", "record", "set_actor"]


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
    """Add an event (`noun.verb`). Details are ids and codes: never a name, address or secret.

    Without an account it is that of the user, or of the person who acts.
    """
    await TRAIL.record(tx, event, now, Facts(reference, user_id, account_id, details))
