"""SQL for lists of people that stay fast in an organisation of 100,000.

There are two ways to a page, and `users.listing` chooses by counting a little first:

- walk along the index of the order and ask of each person whether they fit. Right when many fit.
  The questions are scalar subqueries, which no planner turns into a join, so that the walk ends
  with the page on every engine.
- begin with the few who fit one condition and sort them. Right when few do.

Nobody knows how many fit two conditions at once, or whether they stand together at the end of the
order. So when each condition fits many, the walk is a glance at the next rows, and if these do not
fill the page, those who fit the rarest condition are sorted. Each condition is counted up to a
limit, so what a page reads is limited too: by `MOST`, however large the organisation is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    String,
    Subquery,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from cognigy_ai.db.joined_roles import roles_of_user
from cognigy_ai.db.tables import user_roles, user_words, users
from cognigy_ai.users.queries import Person, Query, Sort, State
from cognigy_ai.users.rules import parse_roles
from kernel.db import Row, Tx
from kernel.keyset import Cursor, one_page
from kernel.words import end_of_beginning

FEW = 1000  # so many are sorted; of more, a walk along the index finds a page soon
SOME = 20_000  # sorting them is cheaper than walking to people who stand at the end
MOST = 100_000  # the same, where nothing is rarer
GLANCE = 1000  # so far the index is walked before that

c = users.c
_organisation = bindparam("organisation", type_=String)
_role = bindparam("of_role", type_=String)
_most = bindparam("most", type_=BigInteger)
_keys = {Sort.NAME: c.name_key, Sort.EMAIL: c.email_key, Sort.ACTIVE: c.last_active_at}
_key_types = {Sort.NAME: String, Sort.EMAIL: String, Sort.ACTIVE: BigInteger}

COLUMNS = (
    c.id, c.organisation_id, c.email, c.email_verified, c.name, c.locale, c.disabled_at,
    c.password_digest.is_not(None).label("has_password"), c.must_change_password, c.created_at,
    c.created_by, c.changed_at, c.changed_by, c.last_login_at, c.last_active_at, c.name_key,
    c.email_key, roles_of_user().label("roles"),
)  # fmt: skip
FIND = select(*COLUMNS).where(c.id == bindparam("user", type_=String))

# Asked of a row in words that no index knows.
_asked = {
    State.ACTIVE: (c.disabled_at.is_(None),),
    State.DISABLED: (func.coalesce(c.disabled_at, 0) > 0,),
    State.INVITED: (func.coalesce(c.password_digest, "") < "!", c.disabled_at.is_(None)),
    State.NEVER: (func.coalesce(c.last_active_at, 0) < 1, c.disabled_at.is_(None)),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a statement depends on. `begin`: "", "word", "role", "state" or "glance"."""

    sort: Sort
    descending: bool
    continued: bool
    words: int
    role: bool
    state: State | None
    begin: str = ""
    few: int = field(default=FEW)


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value))


def _bind_word(number: int) -> tuple[BindParameter[str], BindParameter[str]]:
    return bindparam(f"word_{number}", type_=String), bindparam(f"end_{number}", type_=String)


def _begins(number: int) -> tuple[ColumnElement[bool], ...]:
    word, end = _bind_word(number)
    return user_words.c.word >= word, user_words.c.word < end


# Each in the order of its index, which is then read to the limit and no further.
OF_WORD = (
    select(user_words.c.user_id)
    .where(user_words.c.organisation_id == _organisation, *_begins(0))
    .order_by(user_words.c.word, user_words.c.user_id)
)
OF_ROLE = (
    select(user_roles.c.user_id)
    .where(user_roles.c.organisation_id == _organisation, user_roles.c.role == _role)
    .order_by(user_roles.c.user_id)
)
# Given by the previous version, and not filled in yet: whose they are is asked of each.
OF_ROLE_UNFILLED = (
    select(user_roles.c.user_id)
    .where(user_roles.c.organisation_id.is_(None), user_roles.c.role == _role)
    .order_by(user_roles.c.user_id)
)
OF_ORGANISATION = select(c.id).where(c.organisation_id == _organisation)
OF_STATE = {
    State.DISABLED: OF_ORGANISATION.where(c.disabled_at.is_not(None)).order_by(c.email_key),
    State.INVITED: OF_ORGANISATION.where(c.password_digest.is_(None)).order_by(c.email_key),
    State.NEVER: OF_ORGANISATION.where(c.last_active_at == 0).order_by(c.id),
}


def _glance(shape: Shape) -> Subquery:
    """The next rows of the order, whoever they are."""
    page = _page(OF_ORGANISATION, shape, _order(shape.sort), _number(shape.few)).subquery()
    return select(page.c.id.label("user_id")).subquery()


def _order(sort: Sort) -> list[ColumnElement[Any]]:
    """The columns of the index; an address is unique by itself."""
    return [_keys[sort]] if sort is Sort.EMAIL else [_keys[sort], c.id]


def _beginning(begin: str, state: State | None, few: int) -> Subquery:
    """Those who fit the one condition, up to so many rows."""
    if begin == "role":
        parts = [_first(statement, few) for statement in (OF_ROLE, OF_ROLE_UNFILLED)]
        return union_all(*(select(part.c.user_id) for part in parts)).subquery()
    if begin == "word":
        return _first(OF_WORD, few)
    assert state is not None
    return _first(OF_STATE[state], few)


def _first(statement: Select[Any], few: int) -> Subquery:
    (column,) = statement.selected_columns
    return statement.with_only_columns(column.label("user_id")).limit(_number(few)).subquery()


@lru_cache(maxsize=64)
def few_who_fit(begin: str, state: State | None, few: int) -> Select[Any]:
    """How many, counted up to one more than `few`."""
    return select(func.count().label("found")).select_from(_beginning(begin, state, few + 1))


COUNT_OF_ORGANISATION = select(func.count().label("found")).select_from(
    OF_ORGANISATION.order_by(c.name_key, c.id).limit(_number(FEW + 1)).subquery()
)


def _fits(shape: Shape) -> list[ColumnElement[bool]]:
    """Asked of each row: all conditions but the word or role that the statement begins with."""
    asked: list[ColumnElement[bool]] = [c.organisation_id == _organisation]
    for number in range(1 if shape.begin == "word" else 0, shape.words):
        theirs = user_words.c.user_id == c.id
        one = select(_number(1)).where(theirs, *_begins(number)).limit(_number(1))
        asked.append(one.scalar_subquery().is_not(None))
    if shape.role and shape.begin != "role":
        has = select(_number(1)).where(user_roles.c.user_id == c.id, user_roles.c.role == _role)
        asked.append(has.scalar_subquery().is_not(None))
    if shape.state is not None:
        asked += _asked[shape.state]
    return asked


def _keyed(shape: Shape) -> Subquery:
    """The few, with what they are sorted by; NULL for those who do not fit the rest."""
    if shape.begin == "glance":
        rows = _glance(shape)
    else:
        rows = _beginning(shape.begin, shape.state, shape.few)
    few = select(rows.c.user_id).distinct().subquery()
    theirs = select(_keys[shape.sort]).where(c.id == few.c.user_id, *_fits(shape))
    return select(few.c.user_id, theirs.scalar_subquery().label("sort_key")).subquery()


@lru_cache(maxsize=256)
def page_statement(shape: Shape) -> Select[Any]:
    """One page, in order; the limit is one row more, which tells whether there is a next page."""
    if not shape.begin:
        return _page(select(*COLUMNS).where(*_fits(shape)), shape, _order(shape.sort), _most)
    keyed = _keyed(shape).c
    fitting = select(keyed.user_id, keyed.sort_key).where(keyed.sort_key.is_not(None))
    page = _page(fitting, shape, [keyed.sort_key, keyed.user_id], _most).subquery()
    order = [column.desc() if shape.descending else column for column in page.c[::-1]]
    return select(*COLUMNS).join_from(page, users, c.id == page.c.user_id).order_by(*order)


def _page(
    statement: Select[Any],
    shape: Shape,
    order: Sequence[ColumnElement[Any]],
    most: ColumnElement[int],
) -> Select[Any]:
    key_type = _key_types[shape.sort]() if shape.continued else None
    return one_page(statement, order, key_type, most, descending=shape.descending)


@lru_cache(maxsize=64)
def count_statement(shape: Shape) -> Select[Any]:
    """How many fit, where the statement begins with a few."""
    keyed = _keyed(shape)
    return select(func.count(keyed.c.sort_key).label("found")).select_from(keyed)


def values_of(query: Query, cursor: Cursor | None = None) -> dict[str, object]:
    """What every statement here is given."""
    values: dict[str, object] = {"organisation": query.organisation_id, "of_role": query.role}
    for number, word in enumerate(query.words):
        values |= {f"word_{number}": word, f"end_{number}": end_of_beginning(word)}
    if cursor is not None:
        values |= {"last_key": cursor.key, "last_id": cursor.row_id}
    return values


async def count_few(db: Tx, begin: str, query: Query, few: int) -> int:
    state = query.state if begin == "state" else None
    return await _count(db, few_who_fit(begin, state, few), values_of(query))


async def count_of_organisation(db: Tx, organisation_id: str) -> int:
    """At most one more than `FEW`."""
    return await _count(db, COUNT_OF_ORGANISATION, {"organisation": organisation_id})


async def count(db: Tx, shape: Shape, query: Query) -> int:
    return await _count(db, count_statement(shape), values_of(query))


async def read_page(
    db: Tx, shape: Shape, query: Query, cursor: Cursor | None
) -> list[tuple[Person, str | int]]:
    """People with their sort keys."""
    values = values_of(query, cursor) | {"most": query.limit + 1}
    rows = await db.all(page_statement(shape), **values)
    return [(person_of(row), row[_keys[shape.sort].name]) for row in rows]


async def find(db: Tx, user_id: str) -> Person | None:
    row = await db.one(FIND, user=user_id)
    return None if row is None else person_of(row)


async def _count(db: Tx, statement: Select[Any], values: Mapping[str, object]) -> int:
    row = await db.one(statement, **values)
    assert row is not None
    return int(row["found"])


def person_of(row: Row) -> Person:
    """From a row with `COLUMNS`."""
    same = ("id", "organisation_id", "email", "name", "locale", "created_at", "created_by",
            "changed_at", "changed_by", "last_login_at")  # fmt: skip
    return Person(
        **{name: row[name] for name in same},
        email_verified=bool(row["email_verified"]),
        roles=parse_roles(row["roles"]),
        disabled=row["disabled_at"] is not None,
        has_password=bool(row["has_password"]),
        must_change_password=bool(row["must_change_password"]),
        last_active_at=row["last_active_at"] or None,
    )
