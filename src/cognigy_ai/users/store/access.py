"""SQL for what a login would say of everybody in an organisation."""

from sqlalchemy import Integer, String, bindparam, select

from cognigy_ai.db.joined_roles import roles_of_user
from cognigy_ai.db.tables import users
from cognigy_ai.users.rules import Access, parse_roles
from kernel.db import Row, Tx

_c = users.c
_PAGE = (
    select(
        _c.id, _c.email, _c.email_verified, _c.name, _c.locale,
        _c.access_revision, _c.disabled_at, roles_of_user().label("roles"),
    )
    .where(
        _c.organisation_id == bindparam("organisation", type_=String),
        _c.id > bindparam("after", type_=String),
    )
    .order_by(_c.id)
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip


async def list_page(tx: Tx, organisation_id: str, after: str, most: int) -> list[Access]:
    rows = await tx.all(_PAGE, organisation=organisation_id, after=after, most=most)
    return [_access_of(row) for row in rows]


def _access_of(row: Row) -> Access:
    return Access(
        user_id=row["id"],
        email=row["email"],
        email_verified=bool(row["email_verified"]),
        name=row["name"],
        locale=row["locale"],
        roles=parse_roles(row["roles"]),
        access_revision=row["access_revision"],
        disabled=row["disabled_at"] is not None,
    )
