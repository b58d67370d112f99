"""SQL for links that are mailed to old users, and for their addresses."""

from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from kernel.db import Row, Tx
from live_agent.agents.rules import User, user_from
from live_agent.agents.store.people import COLUMNS
from live_agent.db.tables import accounts, old_links, users

_c, _l = users.c, old_links.c
_open = (
    _l.fingerprint == bindparam("fingerprint"),
    _l.used_at.is_(None),
    _l.voided_at.is_(None),
    _l.expires_at > bindparam("now"),
)
_open_to = (
    _c.subject.is_(None),
    _c.disabled_at.is_(None),
    _c.purged_at.is_(None),
    _c.password_closed_at.is_(None),
    accounts.c.suspended_at.is_(None),
    accounts.c.deleted_at.is_(None),
)
_ADD = insert(old_links)
_FIND = (
    select(*COLUMNS, accounts.c.name.label("account_name"), _l.kind)
    .join_from(old_links, users, _c.id == _l.user_id)
    .join(accounts, accounts.c.id == _c.account_id)
    .where(*_open, *_open_to, _l.email_key == _c.email_key)
)
_CLAIM = update(old_links).where(*_open).values(used_at=bindparam("now")).returning(_l.kind)
# Held until the commit: a move that is under way is waited for, and one that comes later waits.
_LOCK = (
    select(*COLUMNS, accounts.c.name.label("account_name"))
    .join(accounts, accounts.c.id == _c.account_id)
    .where(_c.id == bindparam("user_id"), *_open_to)
    .with_for_update(of=users)
)
_CONFIRM = (
    update(users)
    .where(_c.id == bindparam("user_id"), _c.subject.is_(None))
    .values(confirmed_at=func.coalesce(_c.confirmed_at, bindparam("now", type_=_c.created_at.type)))
)


async def add(tx: Tx, values: dict[str, Any]) -> None:
    await tx.one(_ADD, **values)


async def find(db: Tx, fingerprint: str, now: int) -> Row | None:
    """The user's columns, `account_name` and `kind`, if the link can be used."""
    return await db.one(_FIND, fingerprint=fingerprint, now=now)


async def claim(tx: Tx, fingerprint: str, now: int) -> bool:
    return await tx.one(_CLAIM, fingerprint=fingerprint, now=now) is not None


async def lock_old(tx: Tx, user_id: str) -> tuple[User, str] | None:
    """An old user who may get in, and the account's name."""
    row = await tx.one(_LOCK, user_id=user_id)
    return (user_from(row), row["account_name"]) if row else None


async def confirm(tx: Tx, user_id: str, now: int) -> None:
    await tx.one(_CONFIRM, user_id=user_id, now=now)
