"""Users as the Platform API sees them: found by id alone, listed in pages, deleted."""

from kernel.db import Database, Tx
from live_agent.agents.rules import User
from live_agent.agents.store import people
from live_agent.audit import actions as audit


async def find(tx: Tx | Database, user_id: str) -> User | None:
    """One user of any account, for the Platform API."""
    return await people.find(tx, user_id)


async def list_page(
    tx: Tx | Database, account_id: int, after: str, most: int
) -> tuple[list[User], str | None]:
    """Users of the account with an id above `after`, and the `after` of the next page."""
    found = await people.list_page(tx, account_id, after, most + 1)
    shown = found[:most]
    return shown, shown[-1].id if len(found) > most else None


async def delete(tx: Tx, user: User, now: int, *, by: str) -> bool:
    """The user, and every way in: sessions, API tokens, links. False if somebody was quicker."""
    deleted = await people.delete_user(tx, user.id)
    if deleted:
        await audit.record(
            tx, "user.deleted", now, user_id=user.id, account_id=user.account_id, by=by
        )
    return deleted


async def delete_of_account(tx: Tx, account_id: int) -> int:
    """Everybody of a deleted account; returns how many there were."""
    return await people.delete_of_account(tx, account_id)
