"""The ledger of identities: a line for each link and each undoing, in their transaction."""

from dataclasses import asdict

from kernel.db import Database, Tx
from kernel.opaque import new_id
from live_agent.ledger import store
from live_agent.ledger.rules import Deed, Entry, How, Line


async def write(tx: Tx, entry: Entry, now: int) -> None:
    """Add a line; there is no way to change or remove one."""
    await store.add(tx, {"id": new_id("le_"), "at": now, **asdict(entry)})


async def list_of_user(db: Tx | Database, account_id: int, user_id: str) -> list[Line]:
    """Everything that happened to the user's identity, the newest first."""
    return [
        Line(
            row["at"],
            Entry(
                account_id=row["account_id"],
                user_id=row["user_id"],
                deed=Deed(row["deed"]),
                issuer=row["issuer"],
                subject=row["subject"],
                how=How(row["how"]),
                by_user_id=row["by_user_id"],
                decision_id=row["decision_id"],
                reference=row["reference"],
                reason=row["reason"],
            ),
            row["by_name"],
            row["decided_by"],
            row["decided_why"],
        )
        for row in await store.list_of_user(db, account_id, user_id)
    ]
