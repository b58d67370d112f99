"""SQL for API tokens."""

from typing import Any

from sqlalchemy import BigInteger, String, bindparam, func, insert, select, update

from kernel.db import Row, Tx
from live_agent.db.tables import accounts, api_tokens, sessions, users

_c = api_tokens.c
_now = bindparam("now", type_=BigInteger)
_user = bindparam("user_id", type_=String)
_alive = _c.ended_at.is_(None)
_one = _c.fingerprint == bindparam("fingerprint", type_=String)
_mine = _c.user_id == _user

FIND = (
    select(
        _c.fingerprint,
        _c.last_used_at,
        _c.checked_at,
        _c.unreachable_since,
        _c.user_id,
        users.c.account_id,
        accounts.c.name.label("account_name"),
        users.c.name,
        users.c.email,
        users.c.roles,
        users.c.issuer,
        users.c.subject,
        accounts.c.organisation_id,
        users.c.access_revision,
    )
    .join(users, users.c.id == _c.user_id)
    .join(accounts, accounts.c.id == users.c.account_id)
    .where(
        _one,
        _alive,
        users.c.disabled_at.is_(None),
        users.c.roles != "",
        accounts.c.suspended_at.is_(None),
        accounts.c.deleted_at.is_(None),
    )
)
LIST = (
    select(_c.fingerprint, _c.name, _c.created_at, _c.last_used_at)
    .where(_mine, _alive)
    .order_by(_c.created_at, _c.fingerprint)
)
# Whoever makes one holds the person's row and the session's until the end: of two the second
# sees the first's token, and whoever ends the access waits, and then ends the new token, too.
HOLD_PERSON = (
    select(users.c.id)
    .where(users.c.id == _user, users.c.disabled_at.is_(None), users.c.roles != "")
    .with_for_update()  # SQLite has one writer and no such clause
)
HOLD_SESSION = (
    select(sessions.c.user_id)
    .where(
        sessions.c.fingerprint == bindparam("session", type_=String),
        sessions.c.user_id == _user,
        sessions.c.ended_at.is_(None),
    )
    .with_for_update()
)
COUNT = select(func.count().label("number")).where(_mine, _alive)
ADD = insert(api_tokens)
END = update(api_tokens).where(_one, _mine, _alive).values(ended_at=_now).returning(_c.name)
END_ALL = update(api_tokens).where(_mine, _alive).values(ended_at=_now).returning(_c.fingerprint)
USED = (
    update(api_tokens)
    .where(
        _one,
        func.coalesce(_c.last_used_at, 0) <= bindparam("older_than", type_=BigInteger),
    )
    .values(last_used_at=_now)
)
# Of many requests and replicas exactly one asks about the owner.
CLAIM = (
    update(api_tokens)
    .where(
        _one,
        _alive,
        _c.checking_until <= _now,
        _c.checked_at <= bindparam("older_than", type_=BigInteger),
    )
    .values(checking_until=bindparam("until", type_=BigInteger))
    .returning(_c.fingerprint)
)
CONFIRM = (
    update(api_tokens)
    .where(_mine, _alive)  # what is said of the owner is said of all their tokens
    .values(checked_at=_now, checking_until=0, unreachable_since=None)
)
# The lease stays: so long nobody asks again.
NOTE_UNREACHABLE = (
    update(api_tokens)
    .where(_mine, _alive)
    .values(unreachable_since=func.coalesce(_c.unreachable_since, _now))
)
# Not if anything was said of the person since the question: that is newer than the answer.
SET_ROLES = (
    update(users)
    .where(
        users.c.id == _user,
        users.c.access_revision == bindparam("revision_asked", type_=BigInteger),
    )
    .values(roles=bindparam("new_roles", type_=String))
    .returning(users.c.id)
)
STILL = select(users.c.id).where(
    users.c.id == _user, users.c.access_revision == bindparam("revision_asked", type_=BigInteger)
)


async def find(db: Tx, fingerprint: str) -> Row | None:
    return await db.one(FIND, fingerprint=fingerprint)


async def list_of(db: Tx, user_id: str) -> list[Row]:
    return await db.all(LIST, user_id=user_id)


async def hold_and_count(tx: Tx, user_id: str, session: str) -> int | None:
    """How many the person has; None if they may have none any more, or their session has ended."""
    if await tx.one(HOLD_PERSON, user_id=user_id) is None:
        return None
    if await tx.one(HOLD_SESSION, user_id=user_id, session=session) is None:
        return None
    row = await tx.one(COUNT, user_id=user_id)
    assert row is not None
    return int(row["number"])


async def add(tx: Tx, values: dict[str, Any]) -> None:
    await tx.one(ADD, **values)


async def end(tx: Tx, user_id: str, fingerprint: str, now: int) -> Row | None:
    return await tx.one(END, user_id=user_id, fingerprint=fingerprint, now=now)


async def end_all(tx: Tx, user_id: str, now: int) -> int:
    return len(await tx.all(END_ALL, user_id=user_id, now=now))


async def used(db: Tx, fingerprint: str, older_than: int, now: int) -> None:
    await db.one(USED, fingerprint=fingerprint, older_than=older_than, now=now)


async def claim(db: Tx, fingerprint: str, older_than: int, until: int, now: int) -> bool:
    asked = {"fingerprint": fingerprint, "older_than": older_than, "until": until, "now": now}
    return await db.one(CLAIM, **asked) is not None


async def confirm(tx: Tx, user_id: str, now: int) -> None:
    await tx.one(CONFIRM, user_id=user_id, now=now)


async def note_unreachable(db: Tx, user_id: str, now: int) -> None:
    await db.one(NOTE_UNREACHABLE, user_id=user_id, now=now)


async def set_roles(tx: Tx, user_id: str, roles: str, revision_asked: int) -> bool:
    asked = {"user_id": user_id, "new_roles": roles, "revision_asked": revision_asked}
    return await tx.one(SET_ROLES, **asked) is not None


async def is_still(tx: Tx, user_id: str, revision_asked: int) -> bool:
    return await tx.one(STILL, user_id=user_id, revision_asked=revision_asked) is not None
