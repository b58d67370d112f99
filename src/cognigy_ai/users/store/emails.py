"""SQL for new addresses that wait until somebody reads mail there."""

from dataclasses import replace

from sqlalchemy import BigInteger, String, bindparam, delete, insert, or_, select, update

from cognigy_ai.db.tables import email_changes, outbox
from cognigy_ai.users.rules import EmailChange, MailState
from kernel.db import Row, Tx

c = email_changes.c
_user = bindparam("user", type_=String)
_now = bindparam("now", type_=BigInteger)
_link = bindparam("link", type_=String)
ADD = insert(email_changes).values(
    fingerprint=_link,
    user_id=_user,
    email=bindparam("email", type_=String),
    email_key=bindparam("email_key", type_=String),
    asked_by=bindparam("asked_by", type_=String),
    letter_id=bindparam("letter", type_=String),
    created_at=_now,
    expires_at=bindparam("until", type_=BigInteger),
)
VOID = (
    update(email_changes)
    .where(c.user_id == _user, c.used_at.is_(None))
    .values(used_at=_now)
    .returning(c.fingerprint)
)
_waiting = (c.used_at.is_(None), c.expires_at > _now)
_columns = (c.user_id, c.email, c.expires_at, c.asked_by)
PENDING = (
    select(
        *_columns,
        outbox.c.created_at.label("written_at"),
        outbox.c.delivered_at,
        outbox.c.last_error.is_not(None).label("failed"),
    )
    .join_from(email_changes, outbox, outbox.c.id == c.letter_id, isouter=True)
    .where(c.user_id == _user, *_waiting)
)
PEEK = select(*_columns).where(c.fingerprint == _link, *_waiting)
CLAIM = (
    update(email_changes)
    .where(c.fingerprint == _link, *_waiting)
    .values(used_at=_now)
    .returning(*_columns)
)
_useless = or_(c.expires_at <= _now, c.used_at <= _now)
PRUNE = delete(email_changes).where(_useless).returning(c.fingerprint)


async def add(tx: Tx, values: dict[str, object]) -> None:
    await tx.one(ADD, **values)


async def void(tx: Tx, user_id: str, now: int) -> bool:
    """False if nothing was waiting."""
    return bool(await tx.all(VOID, user=user_id, now=now))


async def find_pending(db: Tx, user_id: str, now: int) -> EmailChange | None:
    row = await db.one(PENDING, user=user_id, now=now)
    if row is None or row["written_at"] is None:
        return None if row is None else _change(row)
    mail = MailState(row["written_at"], row["delivered_at"], bool(row["failed"]))
    return replace(_change(row), mail=mail)


async def peek(db: Tx, fingerprint: str, now: int) -> EmailChange | None:
    """What the link would do; it can still be used afterwards."""
    row = await db.one(PEEK, link=fingerprint, now=now)
    return None if row is None else _change(row)


async def claim(tx: Tx, fingerprint: str, now: int) -> EmailChange | None:
    """The same, spent; of two simultaneous claims exactly one gets it."""
    row = await tx.one(CLAIM, link=fingerprint, now=now)
    return None if row is None else _change(row)


async def prune(db: Tx, now: int) -> int:
    return len(await db.all(PRUNE, now=now))


def _change(row: Row) -> EmailChange:
    return EmailChange(row["user_id"], row["email"], row["expires_at"], row["asked_by"])
