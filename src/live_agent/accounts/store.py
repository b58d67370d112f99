"""SQL for accounts."""

from sqlalchemy import bindparam, func, insert, select, update

from kernel.db import Tx
from live_agent.accounts.rules import Account, account_from
from live_agent.db.tables import accounts

_c = accounts.c
_COLUMNS = (
    _c.id,
    _c.name,
    _c.organisation_id,
    _c.oauth_login,
    _c.linking,
    _c.created_at,
    _c.suspended_at,
)

_INSERT = (
    insert(accounts)
    .values(
        name=bindparam("name"),
        organisation_id=bindparam("organisation_id"),
        oauth_login=1,
        linking=1,
        created_at=bindparam("now"),
    )
    .returning(*_COLUMNS)
)
_FIND = select(*_COLUMNS).where(_c.id == bindparam("account_id"))
_LIST = select(*_COLUMNS).order_by(_c.id)
_MAP = (
    update(accounts)
    .where(_c.id == bindparam("account_id"), _c.organisation_id.is_(None))
    .values(organisation_id=bindparam("organisation_id"))
    .returning(*_COLUMNS)
)
_SUSPEND = (
    update(accounts)
    .where(_c.id == bindparam("account_id"))
    .values(
        suspended_at=func.coalesce(_c.suspended_at, bindparam("now", type_=_c.suspended_at.type))
    )
    .returning(*_COLUMNS)
)
_RESUME = (
    update(accounts)
    .where(_c.id == bindparam("account_id"))
    .values(suspended_at=None)
    .returning(*_COLUMNS)
)
_SET = (
    update(accounts)
    .where(_c.id == bindparam("account_id"))
    .values(
        oauth_login=func.coalesce(
            bindparam("oauth_login", type_=_c.oauth_login.type), _c.oauth_login
        ),
        linking=func.coalesce(bindparam("linking", type_=_c.linking.type), _c.linking),
    )
    .returning(*_COLUMNS)
)


async def insert_account(tx: Tx, name: str, organisation_id: str | None, now: int) -> Account:
    """Raises UniqueViolation if the organisation has an account."""
    row = await tx.one(_INSERT, name=name, organisation_id=organisation_id, now=now)
    assert row is not None
    return account_from(row)


async def find(tx: Tx, account_id: int) -> Account | None:
    row = await tx.one(_FIND, account_id=account_id)
    return account_from(row) if row else None


async def list_all(tx: Tx) -> list[Account]:
    return [account_from(row) for row in await tx.all(_LIST)]


async def set_organisation(tx: Tx, account_id: int, organisation_id: str) -> Account | None:
    """None if the account is unknown or has an organisation already."""
    row = await tx.one(_MAP, account_id=account_id, organisation_id=organisation_id)
    return account_from(row) if row else None


async def suspend(tx: Tx, account_id: int, now: int) -> Account | None:
    row = await tx.one(_SUSPEND, account_id=account_id, now=now)
    return account_from(row) if row else None


async def resume(tx: Tx, account_id: int) -> Account | None:
    row = await tx.one(_RESUME, account_id=account_id)
    return account_from(row) if row else None


async def set_switches(
    tx: Tx, account_id: int, *, oauth_login: bool | None, linking: bool | None
) -> Account | None:
    """None leaves a switch as it is."""
    row = await tx.one(
        _SET,
        account_id=account_id,
        oauth_login=None if oauth_login is None else int(oauth_login),
        linking=None if linking is None else int(linking),
    )
    return account_from(row) if row else None
