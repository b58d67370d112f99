"""SQL for links that set a password once."""

from sqlalchemy import BigInteger, String, bindparam, insert, or_, select, update

from cognigy_ai.db.tables import password_links
from kernel.db import Tx

c = password_links.c
_user = bindparam("user", type_=String)
_now = bindparam("now", type_=BigInteger)
_link = bindparam("link", type_=String)
VOID_LINKS = (
    update(password_links).where(c.user_id == _user, c.used_at.is_(None)).values(used_at=_now)
)
ADD_LINK = insert(password_links).values(
    fingerprint=_link,
    user_id=_user,
    created_at=_now,
    expires_at=bindparam("until", type_=BigInteger),
)
_usable = (c.fingerprint == _link, c.used_at.is_(None), c.expires_at > _now)
PEEK_LINK = select(c.user_id).where(*_usable)
CLAIM_LINK = update(password_links).where(*_usable).values(used_at=_now).returning(c.user_id)
PRUNE_LINKS = (
    password_links.delete()
    .where(or_(c.expires_at <= _now, c.used_at <= _now))
    .returning(c.fingerprint)
)


async def void_links(tx: Tx, user_id: str, now: int) -> None:
    await tx.one(VOID_LINKS, user=user_id, now=now)


async def add_link(tx: Tx, fingerprint: str, user_id: str, now: int, expires_at: int) -> None:
    await tx.one(
        ADD_LINK,
        link=fingerprint,
        user=user_id,
        now=now,
        until=expires_at,
    )


async def peek_link(db: Tx, fingerprint: str, now: int) -> str | None:
    """Whose link it is, if it can be used; it can still be used afterwards."""
    row = await db.one(PEEK_LINK, link=fingerprint, now=now)
    return None if row is None else str(row["user_id"])


async def claim_link(tx: Tx, fingerprint: str, now: int) -> str | None:
    """Whose link it was; of two simultaneous claims exactly one gets it."""
    row = await tx.one(CLAIM_LINK, link=fingerprint, now=now)
    return None if row is None else str(row["user_id"])


async def prune_links(db: Tx, now: int) -> int:
    return len(await db.all(PRUNE_LINKS, now=now))
