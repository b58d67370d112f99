"""SQL for the roles that people have."""

from sqlalchemy import Integer, String, bindparam, delete, or_, select, tuple_, update

from cognigy_ai.db.administrators import ADMIN, another_administrator_stays
from cognigy_ai.db.tables import user_roles, users
from kernel.db import Tx
from kernel.upsert import upsert

c = user_roles.c
_user = bindparam("user", type_=String)
_role = bindparam("of_role", type_=String)

LIST = select(c.role).where(c.user_id == _user).order_by(c.role)
GIVE = (
    upsert(user_roles)
    .values(
        user_id=_user,
        role=_role,
        organisation_id=select(users.c.organisation_id)
        .where(users.c.id == _user)
        .scalar_subquery(),
    )
    .on_conflict_do_nothing(index_elements=[c.user_id, c.role])
    .returning(c.role)
)
TAKE = (
    delete(user_roles)
    .where(
        c.user_id == _user,
        c.role == _role,
        or_(c.role != ADMIN, another_administrator_stays(_user)),
    )
    .returning(c.role)
)
_whose = select(users.c.organisation_id).where(users.c.id == c.user_id).correlate(user_roles)
_without = (
    select(c.user_id, c.role)
    .where(c.organisation_id.is_(None))
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)  # SQLite has one writer and no such clause
    .cte("without")
)
FILL_IN = (
    update(user_roles)
    .where(tuple_(c.user_id, c.role).in_(select(_without.c.user_id, _without.c.role)))
    .values(organisation_id=_whose.scalar_subquery())
    .returning(c.user_id)
)


async def list_roles(db: Tx, user_id: str) -> list[str]:
    return [row["role"] for row in await db.all(LIST, user=user_id)]


async def give(tx: Tx, user_id: str, role: str) -> bool:
    """False if the user has it already."""
    return await tx.one(GIVE, user=user_id, of_role=role) is not None


async def take(tx: Tx, user_id: str, role: str) -> bool:
    """False if the user does not have it, or is the last administrator."""
    return await tx.one(TAKE, user=user_id, of_role=role) is not None


async def fill_in_organisations(db: Tx, most: int) -> int:
    """Of rows that the previous version wrote; returns how many."""
    return len(await db.all(FILL_IN, most=most))
