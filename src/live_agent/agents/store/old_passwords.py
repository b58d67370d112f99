"""SQL for the old password: whom it lets in, and whether it is still the one that was read."""

from sqlalchemy import Integer, and_, bindparam, case, func, select, update

from kernel.db import Row, Tx
from live_agent.agents.rules import User, user_from
from live_agent.agents.store.people import COLUMNS
from live_agent.db.tables import accounts, users

_c = users.c
_one_user = _c.id == bindparam("user_id")

_SET_DIGEST = (
    update(users)
    .where(_one_user, _c.account_id == bindparam("account_id"), _c.subject.is_(None))
    .values(password_digest=bindparam("digest"))
    .returning(*COLUMNS)
)
_HAS_OLD_USERS = (
    select(_c.id)
    .where(_c.subject.is_(None), _c.password_digest.is_not(None), _c.password_closed_at.is_(None))
    .limit(1)
)
_CREDENTIALS = (
    select(
        *COLUMNS,
        _c.password_digest,
        accounts.c.name.label("account_name"),
        accounts.c.suspended_at.label("account_suspended_at"),
    )
    .join(accounts, accounts.c.id == _c.account_id)
    .where(_c.email_key == bindparam("email_key"))
    # Whoever cannot log in with a password must not take the place of somebody who can.
    .order_by(
        case(
            (
                and_(
                    _c.subject.is_(None),
                    _c.disabled_at.is_(None),
                    _c.confirmed_at.is_not(None),
                    _c.password_digest.is_not(None),
                    _c.password_closed_at.is_(None),
                    accounts.c.suspended_at.is_(None),
                ),
                0,
            ),
            else_=1,
        ),
        _c.account_id,
        _c.created_at,
        _c.id,
    )
    .limit(bindparam("most", type_=Integer))
)
_BCRYPT_COST = select(
    func.max(func.substr(_c.password_digest, 5, 2)).label("cost")  # $2b$12$...
).where(_c.issuer.is_(None), _c.subject.is_(None), _c.password_digest.like("$2_$%"))
_DIGEST = select(_c.password_digest).where(_one_user)
_LOCK_DIGEST = (
    select(_c.id)
    .where(_one_user, _c.password_digest == bindparam("digest_read"), _c.subject.is_(None))
    .with_for_update()  # SQLite has one writer and no such clause
)
_CLAIM_OLD_LOGIN = (
    update(users)
    .where(
        _one_user,
        _c.password_digest == bindparam("digest_read"),
        _c.subject.is_(None),
        _c.disabled_at.is_(None),
        _c.confirmed_at.is_not(None),
        _c.password_closed_at.is_(None),
        select(accounts.c.id)
        .where(accounts.c.id == _c.account_id, accounts.c.suspended_at.is_(None))
        .exists(),
    )
    .values(
        password_digest=bindparam("digest"),
        last_login_at=bindparam("now"),
        last_login_method="old",
    )
    .returning(_c.id)
)


async def set_digest(tx: Tx, account_id: int, user_id: str, digest: str) -> User | None:
    """None for a moved user: it has no password any more, and gets none."""
    row = await tx.one(_SET_DIGEST, account_id=account_id, user_id=user_id, digest=digest)
    return user_from(row) if row else None


async def has_old_users(tx: Tx) -> bool:
    return await tx.one(_HAS_OLD_USERS) is not None


async def list_credentials(tx: Tx, email_key: str, most: int) -> list[Row]:
    return await tx.all(_CREDENTIALS, email_key=email_key, most=most)


async def find_bcrypt_cost(tx: Tx) -> int | None:
    row = await tx.one(_BCRYPT_COST)
    cost = row["cost"] if row else None
    return int(cost) if cost else None


async def find_digest(tx: Tx, user_id: str) -> str | None:
    row = await tx.one(_DIGEST, user_id=user_id)
    return row["password_digest"] if row else None


async def digest_is_still(tx: Tx, user_id: str, digest_read: str) -> bool:
    return await tx.one(_LOCK_DIGEST, user_id=user_id, digest_read=digest_read) is not None


async def claim_old_login(tx: Tx, user_id: str, digest_read: str, digest: str, now: int) -> bool:
    row = await tx.one(
        _CLAIM_OLD_LOGIN, user_id=user_id, digest_read=digest_read, digest=digest, now=now
    )
    return row is not None
