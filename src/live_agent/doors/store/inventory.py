"""SQL for the inventory of doors: what is open of each kind, and when the last one ended."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
)

from kernel.db import Row, Tx
from live_agent.db.tables import (
    api_tokens,
    break_glass,
    old_links,
    pending_links,
    sessions,
    users,
)

_now = bindparam("now", type_=BigInteger)
_ids = select(users.c.id).where(
    users.c.account_id == bindparam("account_id"),
    or_(
        bindparam("user_id", type_=String) == "",
        users.c.id == bindparam("user_id", type_=String),
    ),
)


def _grouped(
    table: FromClause,
    kind: ColumnElement[Any],
    is_open: ColumnElement[bool],
    until: ColumnElement[Any],
    ended: ColumnElement[Any],
) -> Select[Any]:
    user_id = table.c.user_id
    return (
        select(
            user_id,
            kind.label("kind"),
            func.sum(case((is_open, 1), else_=0)).label("open"),
            func.max(case((is_open, until))).label("until"),
            func.max(case((not_(is_open), ended))).label("ended_at"),
        )
        .where(user_id.in_(_ids))
        .group_by(user_id, text("kind"))
    )


def _word(word: str) -> ColumnElement[str]:
    """A constant of ours, written into the statement: PostgreSQL groups by it."""
    return literal_column(f"'{word}'", String)


_l, _p, _t, _s, _g = old_links.c, pending_links.c, api_tokens.c, sessions.c, break_glass.c
_COUNTS = (
    _grouped(
        old_links,
        _l.kind,
        and_(_l.used_at.is_(None), _l.voided_at.is_(None), _l.expires_at > _now),
        _l.expires_at,
        func.coalesce(_l.voided_at, _l.used_at, _l.expires_at),
    ),
    _grouped(
        pending_links,
        _word("pending_link"),
        and_(_p.used_at.is_(None), _p.expires_at > _now),
        _p.expires_at,
        func.coalesce(_p.used_at, _p.expires_at),
    ),
    _grouped(api_tokens, _word("api_token"), _t.ended_at.is_(None), _t.ended_at, _t.ended_at),
    _grouped(
        sessions,
        case((_s.method == _word("break_glass"), _word("break_glass")), else_=_word("session")),
        and_(_s.ended_at.is_(None), _s.expires_at > _now),
        _s.expires_at,
        func.coalesce(_s.ended_at, _s.expires_at),
    ),
    _grouped(
        break_glass,
        _word("break_glass_link"),
        and_(_g.used_at.is_(None), _g.voided_at.is_(None), _g.expires_at > _now),
        _g.expires_at,
        func.coalesce(_g.voided_at, _g.used_at, _g.expires_at),
    ),
)
_DISABLED = select(users.c.id, users.c.disabled_at).where(
    users.c.id.in_(_ids), users.c.disabled_at.is_not(None)
)


async def counts(tx: Tx, account_id: int, user_id: str, now: int) -> list[Row]:
    """Rows of (user_id, kind, open, until, ended_at); an empty `user_id`: the whole account."""
    found: list[Row] = []
    for statement in _COUNTS:
        found += await tx.all(statement, account_id=account_id, user_id=user_id, now=now)
    return found


async def disabled(tx: Tx, account_id: int, user_id: str) -> dict[str, int]:
    rows = await tx.all(_DISABLED, account_id=account_id, user_id=user_id)
    return {row["id"]: row["disabled_at"] for row in rows}
