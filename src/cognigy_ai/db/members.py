"""How many people an organisation has, without looking at all of a large one."""

from sqlalchemy import Integer, String, bindparam, func, select

from cognigy_ai.db.tables import users
from kernel.db import Tx

_some = (
    select(users.c.id)
    .where(users.c.organisation_id == bindparam("organisation", type_=String))
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
COUNT = select(func.count().label("people")).select_from(_some)


async def count_members(db: Tx, organisation_id: str, most: int) -> int:
    """No more than `most` are counted."""
    row = await db.one(COUNT, organisation=organisation_id, most=most)
    assert row is not None
    return int(row["people"])
