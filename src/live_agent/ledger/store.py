"""SQL for the ledger. Rows are added and never changed."""

from collections.abc import Mapping

from sqlalchemy import bindparam, insert, select

from kernel.db import Row, Tx
from live_agent.db.tables import decisions, ledger, users

_c = ledger.c
_by, _decider = users.alias("by_user"), users.alias("decider")
_ADD = insert(ledger)
_OF_USER = (
    select(
        ledger,
        _by.c.name.label("by_name"),
        _decider.c.name.label("decided_by"),
        decisions.c.reason.label("decided_why"),
    )
    .join(_by, _by.c.id == _c.by_user_id, isouter=True)
    .join(decisions, decisions.c.id == _c.decision_id, isouter=True)
    .join(_decider, _decider.c.id == decisions.c.decided_by, isouter=True)
    .where(_c.account_id == bindparam("account_id"), _c.user_id == bindparam("user_id"))
    .order_by(_c.at.desc(), _c.id.desc())
)


async def add(tx: Tx, values: Mapping[str, object]) -> None:
    await tx.one(_ADD, **values)


async def list_of_user(tx: Tx, account_id: int, user_id: str) -> list[Row]:
    return await tx.all(_OF_USER, account_id=account_id, user_id=user_id)
