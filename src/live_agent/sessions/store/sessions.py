"""SQL for sessions."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from kernel.db import Row, Tx
from kernel.json_rows import JsonRows, as_json
from live_agent.db.endings import SESSIONS_ENDED, tell_of
from live_agent.db.tables import accounts, sessions, users
from live_agent.sessions.rules import Session, session_from

_c = sessions.c
_alive = _c.ended_at.is_(None)
_ended: dict[str, Any] = {"ended_at": bindparam("now"), "ended_because": bindparam("because")}

_FIND = (
    select(
        _c.fingerprint,
        _c.user_id,
        _c.account_id,
        _c.method,
        _c.created_at,
        _c.expires_at,
        _c.seen_at,
        _c.checked_at,
        _c.unreachable_since,
        case((_c.sealed_tokens.is_(None), 0), else_=1).label("has_tokens"),
        users.c.name,
        users.c.email,
        users.c.roles,
        users.c.presence,
        users.c.subject,
        accounts.c.name.label("account_name"),
    )
    .join(users, users.c.id == _c.user_id)
    .join(accounts, accounts.c.id == _c.account_id)
    .where(
        _c.fingerprint == bindparam("fingerprint"),
        _alive,
        _c.expires_at > bindparam("now"),
        users.c.disabled_at.is_(None),
        users.c.roles != "",
        users.c.account_id == _c.account_id,
        accounts.c.suspended_at.is_(None),
    )
)
_INSERT = insert(sessions)
_SEEN = (
    update(sessions)
    .where(
        _c.fingerprint == bindparam("fingerprint"),
        _alive,
        _c.seen_at <= bindparam("older_than", type_=BigInteger),
    )
    .values(seen_at=bindparam("now"))
)
_END = (
    update(sessions)
    .where(_c.fingerprint == bindparam("fingerprint"), _alive)
    .values(_ended)
    .returning(_c.user_id, _c.account_id, _c.method, _c.sealed_tokens, _c.expires_at)
)
_END_OF_USER = (
    update(sessions)
    .where(_c.user_id == bindparam("user_id"), _alive)
    .values(_ended)
    .returning(_c.fingerprint)
)
_END_OTHERS = (
    update(sessions)
    .where(_c.user_id == bindparam("user_id"), _c.fingerprint != bindparam("fingerprint"), _alive)
    .values(_ended)
    .returning(_c.fingerprint)
)
_END_OF_ACCOUNT = (
    update(sessions)
    .where(_c.account_id == bindparam("account_id"), _alive)
    .values(_ended)
    .returning(_c.fingerprint)
)
# The old session of this browser, and those of the same person in other accounts.
_END_REPLACED = (
    update(sessions)
    .where(
        or_(
            _c.fingerprint == bindparam("fingerprint"),
            and_(
                _c.issuer == bindparam("issuer"),
                _c.subject == bindparam("subject"),
                _c.account_id != bindparam("account_id"),
            ),
        ),
        _alive,
    )
    .values(_ended)
    .returning(_c.fingerprint)
)
_before = bindparam("ended_before", type_=BigInteger)
_PRUNE = (
    delete(sessions)
    .where(or_(_c.expires_at <= _before, _c.ended_at <= _before))
    .returning(_c.fingerprint)
)
_last_seen = (
    select(_c.user_id, func.max(_c.seen_at).label("seen_at"))
    .where(_c.account_id == bindparam("account_id"), _alive, _c.expires_at > bindparam("now"))
    .group_by(_c.user_id)
    .subquery("last_seen")
)
_of_account = and_(
    users.c.account_id == bindparam("account_id"),
    users.c.disabled_at.is_(None),
    users.c.roles != "",
)
_COLLEAGUES = (
    select(users.c.name, users.c.email, users.c.roles, users.c.presence, _last_seen.c.seen_at)
    .join(_last_seen, _last_seen.c.user_id == users.c.id, isouter=True)
    .where(_of_account, users.c.id != bindparam("user_id"))
    .order_by(users.c.name, users.c.id)
    .limit(bindparam("most", type_=Integer))
    .offset(bindparam("skip", type_=Integer))
)
_COUNT_COLLEAGUES = select(func.count().label("number")).where(
    _of_account, users.c.id != bindparam("user_id")
)

_asked = JsonRows("people")
_OF_USERS = (
    select(_c.user_id, func.max(_c.seen_at).label("seen_at"), func.count().label("number"))
    .where(_c.user_id.in_(select(_asked.text("user_id"))), _alive, _c.expires_at > bindparam("now"))
    .group_by(_c.user_id)
)


async def list_seen(tx: Tx, user_ids: Iterable[str], now: int) -> list[Row]:
    people = as_json({"user_id": user_id} for user_id in user_ids)
    return await tx.all(_OF_USERS, people=people, now=now)


async def find(tx: Tx, fingerprint: str, now: int) -> Session | None:
    row = await tx.one(_FIND, fingerprint=fingerprint, now=now)
    return session_from(row) if row else None


async def add(tx: Tx, values: dict[str, Any]) -> None:
    await tx.one(_INSERT, **values)


async def seen(tx: Tx, fingerprint: str, older_than: int, now: int) -> None:
    await tx.one(_SEEN, fingerprint=fingerprint, older_than=older_than, now=now)


async def end(tx: Tx, fingerprint: str, because: str, now: int) -> Row | None:
    row = await tx.one(_END, fingerprint=fingerprint, because=because, now=now)
    if row is not None:
        tx.tell(SESSIONS_ENDED)
    return row


async def end_of_user(tx: Tx, user_id: str, because: str, now: int) -> int:
    ended = await tx.all(_END_OF_USER, user_id=user_id, because=because, now=now)
    return len(tell_of(tx, ended))


async def end_others(tx: Tx, user_id: str, fingerprint: str, now: int) -> int:
    """All sessions of the user but that one: the password was changed in it."""
    because = "password_set"
    return len(
        await tx.all(
            _END_OTHERS, user_id=user_id, fingerprint=fingerprint, because=because, now=now
        )
    )


async def end_of_account(tx: Tx, account_id: int, because: str, now: int) -> int:
    ended = await tx.all(_END_OF_ACCOUNT, account_id=account_id, because=because, now=now)
    return len(tell_of(tx, ended))


async def end_replaced(
    tx: Tx, fingerprint: str, identity: tuple[str, str], account_id: int, now: int
) -> None:
    issuer, subject = identity
    ended = await tx.all(
        _END_REPLACED,
        fingerprint=fingerprint,
        issuer=issuer,
        subject=subject,
        account_id=account_id,
        because="replaced",
        now=now,
    )
    tell_of(tx, ended)


async def list_colleagues(tx: Tx, **values: object) -> list[Row]:
    return await tx.all(_COLLEAGUES, **values)


async def count_colleagues(tx: Tx, account_id: int, user_id: str) -> int:
    row = await tx.one(_COUNT_COLLEAGUES, account_id=account_id, user_id=user_id)
    assert row is not None
    return int(row["number"])


async def prune(tx: Tx, ended_before: int) -> int:
    return len(await tx.all(_PRUNE, ended_before=ended_before))
