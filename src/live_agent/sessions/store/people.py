"""SQL for the people of an account as programs read them: who there is, and who is signed in."""

from sqlalchemy import BigInteger, Integer, String, bindparam, func, select

from kernel.db import Row, Tx
from live_agent.db.tables import sessions, users

_last_seen = (
    select(func.max(sessions.c.seen_at))
    .where(
        sessions.c.user_id == users.c.id,
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("now", type_=BigInteger),
    )
    .scalar_subquery()
)
AGENTS = (
    select(
        users.c.id,
        users.c.name,
        users.c.email,
        users.c.roles,
        users.c.presence,
        _last_seen.label("seen_at"),
    )
    .where(
        users.c.account_id == bindparam("account_id", type_=Integer),
        users.c.id > bindparam("after", type_=String),
        users.c.disabled_at.is_(None),
        users.c.roles != "",
    )
    .order_by(users.c.id)
    .limit(bindparam("most", type_=Integer))
)


async def list_agents(db: Tx, account_id: int, after: str, most: int, now: int) -> list[Row]:
    return await db.all(AGENTS, account_id=account_id, after=after, most=most, now=now)
