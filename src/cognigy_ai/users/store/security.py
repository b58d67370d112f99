"""SQL for what an organisation asks of everybody's password at once."""

from sqlalchemy import BigInteger, Integer, String, bindparam, func, select, update

from cognigy_ai.db.endings import (
    end_access_of_organisation,
    end_one_factor_access,
    revoke_keys_of_organisation,
)
from cognigy_ai.db.tables import users
from kernel.db import Tx

__all__ = [
    "count_passwords",
    "end_access_of_organisation",
    "end_one_factor_access",
    "require_new_passwords",
    "revoke_keys_of_organisation",
]

c = users.c
_of_organisation = (
    c.organisation_id == bindparam("organisation", type_=String),
    c.password_digest.is_not(None),
)
_some = select(c.id).where(*_of_organisation).limit(bindparam("most", type_=Integer)).subquery()
COUNT_PASSWORDS = select(func.count().label("number")).select_from(_some)
REQUIRE_NEW_PASSWORDS = (
    update(users)
    .where(*_of_organisation)
    .values(
        must_change_password=1,
        changed_at=bindparam("now", type_=BigInteger),
        changed_by=bindparam("by", type_=String),
    )
)


async def count_passwords(db: Tx, organisation_id: str, most: int) -> int:
    """How many people have one; no more than `most` are counted."""
    row = await db.one(COUNT_PASSWORDS, organisation=organisation_id, most=most)
    assert row is not None
    return int(row["number"])


async def require_new_passwords(tx: Tx, organisation_id: str, now: int, by: str | None) -> None:
    """At the next sign-in everybody who has a password chooses another."""
    await tx.one(REQUIRE_NEW_PASSWORDS, organisation=organisation_id, now=now, by=by)
