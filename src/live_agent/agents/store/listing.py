"""SQL for the list of an account's people.

An account has some ten thousand people at most: the search reads the words of each (some 20 ms for
10,000), so that no table of words has to be kept in step (ADR 0024).
"""

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
    literal,
    select,
)
from sqlalchemy.types import TypeEngine

from kernel.db import Tx
from kernel.keyset import Cursor, one_page
from kernel.words import like_beginning
from live_agent.agents.queries import Query, Sort, State
from live_agent.agents.rules import User, user_from
from live_agent.agents.store.people import COLUMNS
from live_agent.db.tables import users

_c = users.c
_keys: dict[Sort, ColumnElement[Any]] = {
    Sort.NAME: _c.name_key,
    Sort.EMAIL: _c.email_key,
    Sort.LOGIN: func.coalesce(_c.last_login_at, 0),
}
_key_types: dict[Sort, TypeEngine[Any]] = {
    Sort.NAME: String(),
    Sort.EMAIL: String(),
    Sort.LOGIN: BigInteger(),
}
_of_state: dict[State, tuple[ColumnElement[bool], ...]] = {
    State.LINKED: (_c.subject.is_not(None),),
    State.OLD: (_c.subject.is_(None),),
    State.PENDING: (_c.subject.is_(None), _c.confirmed_at.is_(None)),
    State.DISABLED: (_c.disabled_at.is_not(None),),
}
_most = bindparam("most", type_=Integer)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the text of a statement depends on."""

    words: int
    role: bool
    state: State | None
    sort: Sort = Sort.NAME
    descending: bool = False
    continued: bool = False


async def read_page(db: Tx, query: Query, cursor: Cursor | None) -> list[tuple[User, str | int]]:
    """People with what they are sorted by; one more than the page has, if there is one."""
    backwards = cursor is not None and cursor.backwards
    shape = _Shape(
        words=len(query.words),
        role=query.role is not None,
        state=query.state,
        sort=query.sort,
        descending=query.descending != backwards,
        continued=cursor is not None,
    )
    values = _values(query) | {"most": query.limit + 1}
    if cursor is not None:
        values |= {"last_key": cursor.key, "last_id": cursor.row_id}
    rows = await db.all(_page(shape), **values)
    return [(user_from(row), row["sort_key"]) for row in rows]


async def count(db: Tx, query: Query, most: int) -> int:
    """How many fit, up to `most`."""
    shape = _Shape(len(query.words), query.role is not None, query.state)
    row = await db.one(_count(shape), **_values(query), most=most)
    assert row is not None
    return int(row["found"])


@lru_cache(maxsize=256)
def _page(shape: _Shape) -> Select[Any]:
    key = _keys[shape.sort]
    found = select(*COLUMNS, key.label("sort_key")).where(*_fits(shape))
    key_type = _key_types[shape.sort] if shape.continued else None
    return one_page(found, [key, _c.id], key_type, _most, descending=shape.descending)


@lru_cache(maxsize=64)
def _count(shape: _Shape) -> Select[Any]:
    some = select(_c.id).where(*_fits(shape)).limit(_most).subquery()
    return select(func.count().label("found")).select_from(some)


def _fits(shape: _Shape) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [
        _c.account_id == bindparam("account_id"),
        _c.purged_at.is_(None),
    ]
    for number in range(shape.words):
        asked.append(_c.found_by.like(bindparam(f"word_{number}", type_=String), escape="~"))
    if shape.role:
        asked.append((literal(" ") + _c.roles + literal(" ")).like(bindparam("of_role")))
    if shape.state is not None:
        asked += _of_state[shape.state]
    return asked


def _values(query: Query) -> dict[str, object]:
    values: dict[str, object] = {"account_id": query.account_id}
    values |= {f"word_{n}": like_beginning(word) for n, word in enumerate(query.words)}
    if query.role is not None:
        values["of_role"] = f"% {query.role} %"
    return values
