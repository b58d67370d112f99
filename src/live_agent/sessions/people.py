"""The people of an account as programs read them."""

from kernel.db import Database, Tx
from live_agent.sessions.rules import Agent, presence_shown
from live_agent.sessions.store import people as store


async def list_agents(
    database: Database | Tx, account_id: int, after: str, limit: int, now: int
) -> tuple[list[Agent], str | None]:
    """One page in the order of their ids, and where the next one begins, if there is one."""
    rows = await store.list_agents(database, account_id, after, limit + 1, now)
    found = [
        Agent(
            row["id"],
            row["name"],
            row["email"],
            tuple(row["roles"].split()),
            presence_shown(row["presence"], row["seen_at"], now),
        )
        for row in rows[:limit]
    ]
    return found, found[-1].id if len(rows) > limit else None
