"""SQL for the roles that people have."""

from sqlalchemy import String, bindparam, delete, or_, select

from cognigy_ai.db.administrators import ADMIN, another_administrator_stays
from cognigy_ai.db.tables import user_roles
from kernel.db import Tx
from kernel.upsert import upsert

c = user_roles.c
_user = bindparam("user", type_=String)
_role = bindparam("of_role", type_=String)

LIST = select(c.role).where(c.user_id == _user).order_by(c.role)
GIVE = (
    upsert(user_roles)
    .values(user_id=_user, role=_role)
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


async def list_roles(db: Tx, user_id: str) -> list[str]:
    return [row["role"] for row in await db.all(LIST, user=user_id)]


async def give(tx: Tx, user_id: str, role: str) -> bool:
    """False if the user has it already."""
    return await tx.one(GIVE, user=user_id, of_role=role) is not None


async def take(tx: Tx, user_id: str, role: str) -> bool:
    """False if the user does not have it, or is the last administrator."""
    return await tx.one(TAKE, user=user_id, of_role=role) is not None
