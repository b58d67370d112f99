"""SQL for accounts."""

from sqlalchemy import Integer, String, bindparam, func, insert, or_, select, update

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
    _c.second_approval,
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
_this = (_c.id == bindparam("account_id"), _c.deleted_at.is_(None))
_FIND = select(*_COLUMNS).where(*_this)
_LOCK = select(_c.id).where(*_this).with_for_update()
_FIND_BY_ORGANISATION = select(*_COLUMNS).where(
    _c.organisation_id == bindparam("organisation_id"), _c.deleted_at.is_(None)
)
_LIST = select(*_COLUMNS).where(_c.deleted_at.is_(None)).order_by(_c.id)
_organisation = bindparam("organisation_id", type_=String)
_PAGE = (
    select(*_COLUMNS)
    .where(
        _c.deleted_at.is_(None),
        _c.id > bindparam("after"),
        or_(_organisation.is_(None), _c.organisation_id == _organisation),
    )
    .order_by(_c.id)
    .limit(bindparam("most", type_=Integer))
)
_MAP = (
    update(accounts)
    .where(*_this, _c.organisation_id.is_(None))
    .values(organisation_id=bindparam("organisation_id"))
    .returning(*_COLUMNS)
)
_RENAME = update(accounts).where(*_this).values(name=bindparam("name")).returning(*_COLUMNS)
_SUSPEND = (
    update(accounts)
    .where(*_this)
    .values(
        suspended_at=func.coalesce(_c.suspended_at, bindparam("now", type_=_c.suspended_at.type))
    )
    .returning(*_COLUMNS)
)
_RESUME = update(accounts).where(*_this).values(suspended_at=None).returning(*_COLUMNS)
# The organisation may get another account; this number names no other one ever.
_DELETE = (
    update(accounts)
    .where(*_this)
    .values(deleted_at=bindparam("now"), organisation_id=None)
    .returning(*_COLUMNS)
)
_SET = (
    update(accounts)
    .where(*_this)
    .values(
        oauth_login=func.coalesce(
            bindparam("oauth_login", type_=_c.oauth_login.type), _c.oauth_login
        ),
        linking=func.coalesce(bindparam("linking", type_=_c.linking.type), _c.linking),
        second_approval=func.coalesce(
            bindparam("second_approval", type_=_c.second_approval.type), _c.second_approval
        ),
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


async def find_by_organisation(tx: Tx, organisation_id: str) -> Account | None:
    row = await tx.one(_FIND_BY_ORGANISATION, organisation_id=organisation_id)
    return account_from(row) if row else None


async def list_page(tx: Tx, organisation_id: str | None, after: int, most: int) -> list[Account]:
    rows = await tx.all(_PAGE, organisation_id=organisation_id, after=after, most=most)
    return [account_from(row) for row in rows]


async def list_all(tx: Tx) -> list[Account]:
    return [account_from(row) for row in await tx.all(_LIST)]


async def set_organisation(tx: Tx, account_id: int, organisation_id: str) -> Account | None:
    """None if the account is unknown or has an organisation already."""
    row = await tx.one(_MAP, account_id=account_id, organisation_id=organisation_id)
    return account_from(row) if row else None


async def rename(tx: Tx, account_id: int, name: str) -> Account | None:
    row = await tx.one(_RENAME, account_id=account_id, name=name)
    return account_from(row) if row else None


async def delete(tx: Tx, account_id: int, now: int) -> Account | None:
    """None if it is deleted already; its users are deleted by the caller."""
    row = await tx.one(_DELETE, account_id=account_id, now=now)
    return account_from(row) if row else None


async def suspend(tx: Tx, account_id: int, now: int) -> Account | None:
    row = await tx.one(_SUSPEND, account_id=account_id, now=now)
    return account_from(row) if row else None


async def resume(tx: Tx, account_id: int) -> Account | None:
    row = await tx.one(_RESUME, account_id=account_id)
    return account_from(row) if row else None


async def set_switches(
    tx: Tx,
    account_id: int,
    *,
    oauth_login: bool | None,
    linking: bool | None,
    second_approval: bool | None,
) -> Account | None:
    """None leaves a switch as it is."""
    row = await tx.one(
        _SET,
        account_id=account_id,
        oauth_login=None if oauth_login is None else int(oauth_login),
        linking=None if linking is None else int(linking),
        second_approval=None if second_approval is None else int(second_approval),
    )
    return account_from(row) if row else None


async def lock(tx: Tx, account_id: int) -> bool:
    return await tx.one(_LOCK, account_id=account_id) is not None
