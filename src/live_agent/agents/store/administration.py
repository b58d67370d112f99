"""SQL for what administrators do with local people."""

from sqlalchemy import and_, bindparam, or_, select, update

from kernel.db import Tx
from kernel.words import keys_of
from live_agent.agents.rules import ADMINISTRATOR, User, user_from
from live_agent.agents.store.people import COLUMNS
from live_agent.db.tables import users

_c = users.c
_HOLDS_ADDRESS = (
    select(_c.id)
    .where(_c.account_id == bindparam("account_id"), _c.email_key == bindparam("email_key"))
    .limit(1)
)
# One who gets in: by the platform, or with a password and a confirmed address.
_OTHER_ADMINISTRATOR = (
    select(_c.id)
    .where(
        _c.account_id == bindparam("account_id"),
        _c.id != bindparam("user_id"),
        _c.roles.like(f"%{ADMINISTRATOR}%"),
        _c.disabled_at.is_(None),
        or_(
            _c.subject.is_not(None),
            and_(
                _c.confirmed_at.is_not(None),
                _c.password_digest.is_not(None),
                _c.password_closed_at.is_(None),
            ),
        ),
    )
    .limit(1)
)
# A move that is under way is waited for, and one that comes later waits.
_HOLD = (
    select(*COLUMNS)
    .where(_c.account_id == bindparam("account_id"), _c.id == bindparam("user_id"))
    .with_for_update()  # SQLite has one writer and no such clause
)
_CHANGE = (
    update(users)
    .where(_c.id == bindparam("user_id"), _c.subject.is_(None))
    .values(
        name=bindparam("new_name"),
        name_key=bindparam("name_key"),
        found_by=bindparam("found_by"),
        keyed_as=bindparam("keyed_as"),
        roles=bindparam("new_roles"),
    )
)


async def hold(tx: Tx, account_id: int, user_id: str) -> User | None:
    """The user as it is now, and until the commit."""
    row = await tx.one(_HOLD, account_id=account_id, user_id=user_id)
    return user_from(row) if row else None


async def holds_address(tx: Tx, account_id: int, email_key: str) -> bool:
    """Does anybody of the account have it, moved or not?"""
    return await tx.one(_HOLDS_ADDRESS, account_id=account_id, email_key=email_key) is not None


async def has_other_administrator(tx: Tx, account_id: int, user_id: str) -> bool:
    row = await tx.one(_OTHER_ADMINISTRATOR, account_id=account_id, user_id=user_id)
    return row is not None


async def change(tx: Tx, user: User, name: str, roles: str) -> None:
    keys = keys_of(name, user.email)
    await tx.one(_CHANGE, user_id=user.id, new_name=name, new_roles=roles, **keys)
