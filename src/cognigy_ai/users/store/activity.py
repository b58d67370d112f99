"""SQL for when a person was last here."""

from sqlalchemy import BigInteger, String, bindparam, update

from cognigy_ai.db.tables import users
from kernel.db import Tx

c = users.c
_now = bindparam("now", type_=BigInteger)
NOTE = (
    update(users)
    .where(c.id == bindparam("user", type_=String), c.last_active_at < _now)
    .values(last_active_at=_now)
)


async def note(db: Tx, user_id: str, now: int) -> None:
    await db.one(NOTE, user=user_id, now=now)
