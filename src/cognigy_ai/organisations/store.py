"""SQL for organisations."""

from sqlalchemy import BigInteger, String, bindparam, insert, select, update

from cognigy_ai.db.endings import end_access_of_organisation
from cognigy_ai.db.tables import organisations
from cognigy_ai.organisations.rules import Organisation
from kernel.db import Row, Tx

__all__ = ["add", "end_access_of_organisation", "find", "list_", "rename", "resume", "suspend"]

c = organisations.c
_id = bindparam("organisation", type_=String)

FIND = select(organisations).where(c.id == _id)
LIST = select(organisations).order_by(c.name, c.id)
ADD = insert(organisations).values(
    id=_id, name=bindparam("new_name"), created_at=bindparam("now", type_=BigInteger)
)
RENAME = update(organisations).where(c.id == _id).values(name=bindparam("new_name"))
SUSPEND = (
    update(organisations)
    .where(c.id == _id, c.suspended_at.is_(None))
    .values(suspended_at=bindparam("now", type_=BigInteger))
    .returning(c.id)
)
RESUME = (
    update(organisations)
    .where(c.id == _id, c.suspended_at.is_not(None))
    .values(suspended_at=None)
    .returning(c.id)
)


async def find(db: Tx, organisation_id: str) -> Organisation | None:
    row = await db.one(FIND, organisation=organisation_id)
    return None if row is None else _organisation(row)


async def list_(db: Tx) -> list[Organisation]:
    return [_organisation(row) for row in await db.all(LIST)]


async def add(tx: Tx, organisation: Organisation) -> None:
    """Raises UniqueViolation if the id is taken."""
    await tx.one(
        ADD,
        organisation=organisation.id,
        new_name=organisation.name,
        now=organisation.created_at,
    )


async def rename(tx: Tx, organisation_id: str, name: str) -> None:
    await tx.one(RENAME, organisation=organisation_id, new_name=name)


async def suspend(tx: Tx, organisation_id: str, now: int) -> bool:
    """True if it was not suspended."""
    return await tx.one(SUSPEND, organisation=organisation_id, now=now) is not None


async def resume(tx: Tx, organisation_id: str) -> bool:
    """True if it was suspended."""
    return await tx.one(RESUME, organisation=organisation_id) is not None


def _organisation(row: Row) -> Organisation:
    return Organisation(
        id=row["id"],
        name=row["name"],
        created_at=row["created_at"],
        suspended_at=row["suspended_at"],
    )
