"""SQL for keys that are behind."""

from sqlalchemy import Integer, bindparam, select, text, update

from kernel.db import Tx
from kernel.words import keys_of
from live_agent.db.tables import STALE_KEYS, users

_c = users.c
_STALE = (
    select(_c.id, _c.name, _c.email)
    .where(text(STALE_KEYS))
    .order_by(_c.id)
    .limit(bindparam("most", type_=Integer))
)
# Whoever was renamed meanwhile has keys of the new name, or comes in a later batch.
_SET = (
    update(users)
    .where(
        _c.id == bindparam("user_id"),
        _c.name == bindparam("name_read"),
        _c.email == bindparam("email_read"),
    )
    .values(
        name_key=bindparam("name_key"),
        found_by=bindparam("found_by"),
        keyed_as=bindparam("keyed_as"),
    )
)


async def list_stale(db: Tx, most: int) -> list[tuple[str, str, str]]:
    rows = await db.all(_STALE, most=most)
    return [(row["id"], row["name"], row["email"]) for row in rows]


async def set_keys(tx: Tx, user_id: str, name: str, email: str) -> None:
    keys = keys_of(name, email)
    await tx.one(_SET, user_id=user_id, name_read=name, email_read=email, **keys)
