"""SQL for what a move would end: sessions, API tokens, mailed links, proofs under way."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, bindparam, func, literal_column, select
from sqlalchemy import union_all as union

from kernel.db import Tx
from live_agent.db.tables import api_tokens, conflicts, old_links, pending_links, sessions, users

_account = bindparam("account_id", type_=Integer)
_now = bindparam("now", type_=BigInteger)
_unmoved = (users.c.account_id == _account, users.c.subject.is_(None))


def _counted(kind: str, table: Any, *alive: Any) -> Select[Any]:
    return (
        select(
            literal_column(f"'{kind}'").label("kind"),
            table.c.user_id,
            func.count().label("number"),
        )
        .join(users, users.c.id == table.c.user_id)
        .where(*_unmoved, *alive)
        .group_by(table.c.user_id)
    )


_links, _pending = old_links.c, pending_links.c
_DOORS = union(
    _counted("sessions", sessions, sessions.c.ended_at.is_(None), sessions.c.expires_at > _now),
    _counted("api_tokens", api_tokens, api_tokens.c.ended_at.is_(None)),
    _counted(
        "links", old_links, _links.used_at.is_(None), _links.voided_at.is_(None),
        _links.expires_at > _now,
    ),
    _counted("proofs", pending_links, _pending.used_at.is_(None), _pending.expires_at > _now),
)  # fmt: skip
_DISPUTED = select(conflicts.c.user_ids).where(
    conflicts.c.account_id == _account, conflicts.c.resolved_at.is_(None)
)


async def count_doors(tx: Tx, account_id: int, now: int) -> Mapping[str, Mapping[str, int]]:
    """For each unmoved user how many of each kind are open."""
    found: dict[str, dict[str, int]] = {}
    for row in await tx.all(_DOORS, account_id=account_id, now=now):
        found.setdefault(row["user_id"], {})[row["kind"]] = row["number"]
    return found


async def list_disputed(tx: Tx, account_id: int) -> list[str]:
    """The lists of users in open conflicts, as they are stored."""
    return [row["user_ids"] for row in await tx.all(_DISPUTED, account_id=account_id)]
