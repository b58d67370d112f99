"""SQL for the live sessions of an account, seen and ended by people."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    func,
    or_,
    select,
    update,
)

from kernel.db import Row, Tx
from kernel.words import like_beginning
from live_agent.db.endings import Ending as Ending
from live_agent.db.endings import tell_of
from live_agent.db.tables import sessions, users

_c = sessions.c
_account = bindparam("account_id", type_=Integer)
_now = bindparam("now", type_=BigInteger)
_user = bindparam("of_user", type_=String)
_here = _c.account_id == _account
_everybody = or_(_user == "", _c.user_id == _user)
_LIVE = [_here, _everybody, _c.ended_at.is_(None), _c.expires_at > _now]

# The account and, where only one's own may be ended, the person are part of the statement.
_ENDED = (
    update(sessions)
    .values(
        ended_at=_now,
        ended_because=bindparam("because", type_=String),
        ended_reference=bindparam("reference", type_=String),
    )
    .returning(_c.user_id, _c.sealed_tokens)
)
_END = _ENDED.where(*_LIVE, _c.fingerprint == bindparam("fingerprint", type_=String))
_END_ALL = _ENDED.where(*_LIVE, _c.fingerprint != bindparam("but", type_=String))


@dataclass(frozen=True, slots=True)
class Asked:
    """Which sessions of an account; `user_id` empty: of everybody."""

    account_id: int
    user_id: str
    words: tuple[str, ...]
    many: int
    skip: int


@lru_cache(maxsize=16)
def _list(words: int) -> Select[Any]:
    return (
        select(
            _c.fingerprint,
            _c.user_id,
            users.c.name,
            users.c.email,
            _c.method,
            _c.user_agent,
            _c.created_at,
            _c.seen_at,
            _c.expires_at,
        )
        .join(users, users.c.id == _c.user_id)
        .where(*_fits(words))
        .order_by(users.c.name_key, _c.user_id, _c.seen_at.desc(), _c.fingerprint)
        .limit(bindparam("most", type_=Integer))
        .offset(bindparam("skip", type_=Integer))
    )


@lru_cache(maxsize=16)
def _count(words: int) -> Select[Any]:
    return (
        select(func.count().label("number"))
        .select_from(sessions)
        .join(users, users.c.id == _c.user_id)
        .where(*_fits(words))
    )


def _fits(words: int) -> list[ColumnElement[bool]]:
    asked = [
        users.c.found_by.like(bindparam(f"word_{n}", type_=String), escape="~")
        for n in range(words)
    ]
    return [*_LIVE, *asked]


async def list_page(db: Tx, asked: Asked, now: int) -> tuple[list[Row], int]:
    """Sessions by the names of their people, and how many there are in all."""
    words, many = len(asked.words), asked.many
    values: dict[str, object] = {"account_id": asked.account_id, "of_user": asked.user_id}
    values |= {f"word_{n}": like_beginning(word) for n, word in enumerate(asked.words)}
    row = await db.one(_count(words), **values, now=now)
    assert row is not None
    rows = await db.all(_list(words), **values, now=now, most=many, skip=asked.skip)
    return rows, int(row["number"])


async def end(tx: Tx, account_id: int, user_id: str, fingerprint: str, ending: Ending) -> list[Row]:
    """One session of the account (and of the person, if one is named)."""
    asked = {"account_id": account_id, "of_user": user_id, "fingerprint": fingerprint}
    return tell_of(tx, await tx.all(_END, **asked, **_of(ending)))


async def end_all(tx: Tx, account_id: int, user_id: str, but: str, ending: Ending) -> list[Row]:
    """Every session of the person but one."""
    asked = {"account_id": account_id, "of_user": user_id, "but": but}
    return tell_of(tx, await tx.all(_END_ALL, **asked, **_of(ending)))


def _of(ending: Ending) -> dict[str, object]:
    return {"because": ending.because, "reference": ending.reference, "now": ending.now}
