"""The identity of a user after the move: whose it is, another one, none any more.

Each returns False if the user is not what was read; nothing has changed then. Sessions are ended by
the caller, in the same transaction.
"""

from kernel.db import Database, Tx
from live_agent.agents.rules import User
from live_agent.agents.store import identities as store
from live_agent.agents.store import people


async def find_owner(tx: Tx | Database, account_id: int, identity: tuple[str, str]) -> User | None:
    """Whom the identity owns in the account."""
    return await store.find_owner(tx, account_id, identity)


async def relink(tx: Tx, user: User, identity: tuple[str, str], now: int) -> bool:
    """Give a linked user another identity, as an administrator decided."""
    relinked = await store.relink(tx, user, identity)
    if relinked:
        await close_doors(tx, user.id, now)
    return relinked


async def retire(tx: Tx, user: User, now: int) -> bool:
    """The user's identity goes to another user; this one is closed."""
    retired = await store.retire(tx, user, now)
    if retired:
        await close_doors(tx, user.id, now)
    return retired


async def close_doors(tx: Tx, user_id: str, now: int) -> None:
    """Mailed links and API tokens."""
    await people.void_links(tx, user_id, now)
    await people.end_api_tokens(tx, user_id, now)
