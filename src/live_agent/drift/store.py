"""SQL of the differences: who has an open way in at the moment."""

from sqlalchemy import BigInteger, Integer, bindparam, select, union

from kernel.db import Database, Tx
from live_agent.db.tables import api_tokens, sessions, users

_account = bindparam("account_id", type_=Integer)
_s, _t = sessions.c, api_tokens.c
_WITH_ACCESS = union(
    select(_s.user_id).where(
        _s.account_id == _account,
        _s.ended_at.is_(None),
        _s.expires_at > bindparam("now", type_=BigInteger),
    ),
    select(_t.user_id)
    .join(users, users.c.id == _t.user_id)
    .where(users.c.account_id == _account, _t.ended_at.is_(None)),
)


async def list_with_access(db: Tx | Database, account_id: int, now: int) -> frozenset[str]:
    """Ids of users with an open session or API token."""
    rows = await db.all(_WITH_ACCESS, account_id=account_id, now=now)
    return frozenset(row["user_id"] for row in rows)
