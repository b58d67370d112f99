"""SQL for a page of people and the doors that are open to each.

What `doors.rules` says with reasons is said here once more as conditions: only the database can
narrow a list of ten thousand to those for whom a door is open. A test holds both together.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from kernel.db import Row, Tx
from kernel.keyset import Cursor, one_page
from kernel.words import like_beginning
from live_agent.db.tables import (
    accounts,
    api_tokens,
    break_glass,
    old_links,
    pending_links,
    sessions,
    users,
)
from live_agent.doors.queries import Query, Resident
from live_agent.doors.rules import Door

_a, _c = accounts.c, users.c
_l, _p, _t, _s, _g = old_links.c, pending_links.c, api_tokens.c, sessions.c, break_glass.c
_now = bindparam("now", type_=BigInteger)
_most = bindparam("most", type_=Integer)
_enters = and_(_c.disabled_at.is_(None), _a.suspended_at.is_(None))
_linked, _unlinked = _c.subject.is_not(None), _c.subject.is_(None)


def _has(table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.c.user_id == _c.id, *conditions).correlate(users)


def _word(word: str) -> ColumnElement[str]:
    return literal_column(f"'{word}'", String)


def _link(*kinds: str) -> ColumnElement[bool]:
    waits = (_l.used_at.is_(None), _l.voided_at.is_(None), _l.expires_at > _now)
    return and_(_unlinked, _has(old_links, _l.kind.in_([_word(kind) for kind in kinds]), *waits))


_lives = (_s.ended_at.is_(None), _s.expires_at > _now)
_session = _has(sessions, _s.method != _word("break_glass"), *_lives)
_OPEN: dict[Door, ColumnElement[bool]] = {
    Door.PLATFORM: and_(
        _a.organisation_id.is_not(None),
        _a.oauth_login == literal_column("1"),
        or_(
            and_(_linked, _c.roles != _word("")),
            and_(_unlinked, _a.linking == literal_column("1")),
        ),
    ),
    Door.OLD_LOGIN: and_(_unlinked, _c.password_digest.is_not(None), _c.confirmed_at.is_not(None)),
    Door.RESET: _link("reset", "way_back"),
    Door.CONFIRMATION: _link("confirmation"),
    Door.INVITATION: _link("invitation"),
    Door.PENDING_LINK: _has(pending_links, _p.used_at.is_(None), _p.expires_at > _now),
    Door.API_TOKEN: _has(api_tokens, _t.ended_at.is_(None)),
    Door.SESSION: and_(_c.roles != _word(""), _session),
    Door.LIVE_CONNECTION: _session,
    Door.BREAK_GLASS: or_(
        _has(sessions, _s.method == _word("break_glass"), *_lives),
        _has(break_glass, _g.used_at.is_(None), _g.voided_at.is_(None), _g.expires_at > _now),
    ),
}


async def read_page(
    db: Tx, query: Query, now: int, counted: int, cursor: Cursor | None
) -> tuple[list[Resident], int]:
    """People, one more than the page has, if there is one; and how many fit, up to `counted`."""
    backwards = cursor is not None and cursor.backwards
    statement = _page(len(query.words), query.door, backwards, cursor is not None)
    values: dict[str, object] = {"account_id": query.account_id, "now": now, "counted": counted}
    values |= {f"word_{n}": like_beginning(word) for n, word in enumerate(query.words)}
    values["most"] = query.limit + 1
    if cursor is not None:
        values |= {"last_key": cursor.key, "last_id": cursor.row_id}
    rows = await db.all(statement, **values)
    return [_resident(row) for row in rows], rows[0]["total"] if rows else 0


@lru_cache(maxsize=256)
def _page(words: int, door: Door | None, descending: bool, continued: bool) -> Select[Any]:  # noqa: FBT001
    fits = _fits(words, door)
    joined = users.join(accounts, _a.id == _c.account_id)
    some = select(_c.id).select_from(joined).where(*fits)
    total = some.limit(bindparam("counted", type_=Integer)).subquery()
    found = (
        select(
            _c.id,
            _c.name,
            _c.email,
            _c.name_key,
            select(func.count()).select_from(total).scalar_subquery().label("total"),
            *(case((and_(_enters, is_open), 1), else_=0).label(d) for d, is_open in _OPEN.items()),
        )
        .select_from(joined)
        .where(*fits)
    )
    key_type = String() if continued else None
    return one_page(found, [_c.name_key, _c.id], key_type, _most, descending=descending)


def _fits(words: int, door: Door | None) -> list[ColumnElement[bool]]:
    asked = [_c.account_id == bindparam("account_id"), _c.purged_at.is_(None)]
    for number in range(words):
        asked.append(_c.found_by.like(bindparam(f"word_{number}", type_=String), escape="~"))
    return asked if door is None else [*asked, _enters, _OPEN[door]]


def _resident(row: Row) -> Resident:
    doors = frozenset(door for door in _OPEN if row[door])
    return Resident(row["id"], row["name"], row["email"], row["name_key"], doors)
