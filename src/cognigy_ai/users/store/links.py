"""SQL for links that set a password once, and for what they prove."""

from sqlalchemy import (
    BigInteger,
    String,
    bindparam,
    exists,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from cognigy_ai.db.endings import note_new_words
from cognigy_ai.db.tables import email_changes, outbox, password_links, users
from cognigy_ai.users.rules import MailState, PasswordLink
from kernel.db import Row, Tx
from kernel.outbox import KEPT_SECONDS

c = password_links.c
_user = bindparam("user", type_=String)
_now = bindparam("now", type_=BigInteger)
_link = bindparam("link", type_=String)
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
    letter_id=bindparam("letter", type_=String),
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
# What became of its mail is told for as long as the outbox knows it, also of a link that is void.
KEPT_FOR_MAIL_SECONDS = KEPT_SECONDS
_without_mail = or_(c.letter_id.is_(None), c.created_at <= _now - KEPT_FOR_MAIL_SECONDS)
PRUNE_LINKS = (
    password_links.delete()
    .where(or_(c.expires_at <= _now, c.used_at <= _now), _without_mail)
    .returning(c.fingerprint)
)
MAIL_STATE = (
    select(
        outbox.c.created_at, outbox.c.delivered_at, outbox.c.last_error.is_not(None).label("failed")
    )
    .join_from(password_links, outbox, outbox.c.id == c.letter_id)
    .where(c.user_id == _user, c.purpose == bindparam("purpose", type_=String))
    .order_by(c.created_at.desc(), c.used_at.is_not(None))
    .limit(literal_column("1"))
)


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
        letter=link.letter_id,
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


async def verify_email(tx: Tx, user_id: str, email_key: str, now: int) -> bool:
    """True if that is the person's address and nobody had proved it before."""
    if await tx.one(VERIFY_EMAIL, user=user_id, email_key=email_key) is None:
        return False
    await note_new_words(tx, user_id, now)
    return True


async def find_mail_state(db: Tx, user_id: str, purpose: str) -> MailState | None:
    """Of the newest mail with such a link, while the outbox knows of it."""
    row = await db.one(MAIL_STATE, user=user_id, purpose=purpose)
    if row is None:
        return None
    return MailState(row["created_at"], row["delivered_at"], bool(row["failed"]))


async def prune_links(db: Tx, now: int) -> int:
    return len(await db.all(PRUNE_LINKS, now=now))


def _password_link(row: Row) -> PasswordLink:
    return PasswordLink(row["user_id"], row["purpose"], row["email_key"])
