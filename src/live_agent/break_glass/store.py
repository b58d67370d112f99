"""SQL for break-glass links."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, bindparam, insert, select, update

from kernel.db import Row, Tx
from live_agent.db.tables import accounts, break_glass, users

_c = break_glass.c
_now = bindparam("now", type_=BigInteger)
_this = _c.fingerprint == bindparam("fingerprint")
_open = (_c.used_at.is_(None), _c.voided_at.is_(None), _c.expires_at > _now)
# Roles are whole words; no other one contains this one.
_leads = users.c.roles.contains("administrator")
_ADD = insert(break_glass)
_FIND = (
    select(
        _c.id,
        _c.user_id,
        _c.account_id,
        _c.reason,
        _c.made_by,
        _c.expires_at,
        accounts.c.name.label("account_name"),
    )
    .join(accounts, accounts.c.id == _c.account_id)
    .where(_this, *_open)
)
# Single use, and the person is still who may be let in: one statement.
_CLAIM = (
    update(break_glass)
    .where(
        _this,
        *_open,
        select(users.c.id)
        .join(accounts, accounts.c.id == users.c.account_id)
        .where(
            users.c.id == _c.user_id,
            users.c.account_id == _c.account_id,
            users.c.disabled_at.is_(None),
            _leads,
            accounts.c.suspended_at.is_(None),
            accounts.c.deleted_at.is_(None),
        )
        .exists(),
    )
    .values(used_at=_now)
    .returning(_c.id, _c.user_id, _c.account_id, _c.reason, _c.made_by)
)
_VOID = (
    update(break_glass)
    .where(_c.user_id == bindparam("user_id"), _c.used_at.is_(None), _c.voided_at.is_(None))
    .values(voided_at=_now)
)
_ADMINISTRATORS = (
    select(users.c.email, users.c.name, users.c.locale)
    .where(
        users.c.account_id == bindparam("account_id"),
        users.c.disabled_at.is_(None),
        users.c.email != "",
        _leads,
    )
    .order_by(users.c.id)
)


async def add(tx: Tx, values: Mapping[str, object]) -> None:
    await tx.one(_ADD, **values)


async def find(tx: Tx, fingerprint: str, now: int) -> Row | None:
    return await tx.one(_FIND, fingerprint=fingerprint, now=now)


async def claim(tx: Tx, fingerprint: str, now: int) -> Row | None:
    return await tx.one(_CLAIM, fingerprint=fingerprint, now=now)


async def void_of_user(tx: Tx, user_id: str, now: int) -> None:
    await tx.one(_VOID, user_id=user_id, now=now)


async def list_administrators(tx: Tx, account_id: int) -> list[Row]:
    return await tx.all(_ADMINISTRATORS, account_id=account_id)
