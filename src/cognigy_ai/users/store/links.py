"""SQL for links that set a password once, and for what they prove."""

from sqlalchemy import BigInteger, String, bindparam, exists, insert, or_, select, update

from cognigy_ai.db.tables import email_changes, password_links, users
from cognigy_ai.users.rules import PasswordLink
from kernel.db import Row, Tx

c = password_links.c
_user = bindparam("user", type_=String)
_now = bindparam("now", type_=BigInteger)
_link = bindparam("link", type_=String)
LOCK_USER = select(users.c.id).where(users.c.id == _user).with_for_update()
VOID_LINKS = (
    update(password_links).where(c.user_id == _user, c.used_at.is_(None)).values(used_at=_now)
)
VOID_EMAIL_CHANGES = (
    update(email_changes)
    .where(email_changes.c.user_id == _user, email_changes.c.used_at.is_(None))
    .values(used_at=_now)
)
ADD_LINK = insert(password_links).values(
    fingerprint=_link,
    user_id=_user,
    purpose=bindparam("purpose", type_=String),
    email_key=bindparam("email_key", type_=String),
    created_at=_now,
    expires_at=bindparam("until", type_=BigInteger),
)
# A link that was mailed is worth nothing once the person has another address.
_still_theirs = or_(
    c.email_key.is_(None),
    exists().where(users.c.id == c.user_id, users.c.email_key == c.email_key),
)
_usable = (c.fingerprint == _link, c.used_at.is_(None), c.expires_at > _now, _still_theirs)
_columns = (c.user_id, c.purpose, c.email_key)
PEEK_LINK = select(*_columns).where(*_usable)
CLAIM_LINK = update(password_links).where(*_usable).values(used_at=_now).returning(*_columns)
VERIFY_EMAIL = (
    update(users)
    .where(
        users.c.id == _user,
        users.c.email_key == bindparam("email_key", type_=String),
        users.c.email_verified == 0,
    )
    .values(email_verified=1)
    .returning(users.c.id)
)
PRUNE_LINKS = (
    password_links.delete()
    .where(or_(c.expires_at <= _now, c.used_at <= _now))
    .returning(c.fingerprint)
)


async def lock_user(tx: Tx, user_id: str) -> None:
    """Whoever makes a link for the person waits for whoever makes one now."""
    await tx.one(LOCK_USER, user=user_id)


async def void_links(tx: Tx, user_id: str, now: int) -> None:
    await tx.one(VOID_LINKS, user=user_id, now=now)


async def void_everything(tx: Tx, user_id: str, now: int) -> None:
    """Links that set the password, and the one that would change the address."""
    await void_links(tx, user_id, now)
    await tx.one(VOID_EMAIL_CHANGES, user=user_id, now=now)


async def add_link(tx: Tx, fingerprint: str, link: PasswordLink, now: int, expires_at: int) -> None:
    await tx.one(
        ADD_LINK,
        link=fingerprint,
        user=link.user_id,
        purpose=link.purpose,
        email_key=link.email_key,
        now=now,
        until=expires_at,
    )


async def peek_link(db: Tx, fingerprint: str, now: int) -> PasswordLink | None:
    """The link, if it can be used; it can still be used afterwards."""
    row = await db.one(PEEK_LINK, link=fingerprint, now=now)
    return None if row is None else _password_link(row)


async def claim_link(tx: Tx, fingerprint: str, now: int) -> PasswordLink | None:
    """The same, spent; of two simultaneous claims exactly one gets it."""
    row = await tx.one(CLAIM_LINK, link=fingerprint, now=now)
    return None if row is None else _password_link(row)


async def verify_email(tx: Tx, user_id: str, email_key: str) -> bool:
    """True if that is the person's address and nobody had proved it before."""
    return await tx.one(VERIFY_EMAIL, user=user_id, email_key=email_key) is not None


async def prune_links(db: Tx, now: int) -> int:
    return len(await db.all(PRUNE_LINKS, now=now))


def _password_link(row: Row) -> PasswordLink:
    return PasswordLink(row["user_id"], row["purpose"], row["email_key"])
