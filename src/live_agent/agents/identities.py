"""The identity of a user after the move: whose it is, another one, none any more.

Each returns False if the user is not what was read; nothing has changed then. Sessions are ended by
the caller, in the same transaction.
"""

from kernel.db import Database, Tx
from kernel.problems import ProblemError
from live_agent.agents.rules import ADMINISTRATOR, User
from live_agent.agents.store import administration, people
from live_agent.agents.store import identities as store
from live_agent.problems import Problem


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


async def unlink(tx: Tx, user: User, now: int) -> bool:
    """The way back: nobody's identity owns the user, which has the address of its move again."""
    email = await store.find_moved_email(tx, user.id) or user.email
    unlinked = await store.unlink(tx, user, email)
    if unlinked:
        await close_doors(tx, user.id, now)
    return unlinked


async def erase_password(tx: Tx, user_id: str) -> None:
    """The digest is gone for good."""
    await store.erase_password(tx, user_id)


async def check_not_last(tx: Tx, user: User) -> None:
    """Somebody else who gets in administers the account; the caller holds it."""
    leads = ADMINISTRATOR in user.roles and not user.disabled
    if leads and not await administration.has_other_administrator(tx, user.account_id, user.id):
        raise ProblemError(Problem.LAST_ADMINISTRATOR, user_id=user.id)


async def close_doors(tx: Tx, user_id: str, now: int) -> None:
    """Mailed links and API tokens."""
    await people.void_links(tx, user_id, now)
    await people.end_api_tokens(tx, user_id, now)


async def is_locked_out(tx: Tx | Database, account_id: int, user_id: str) -> bool:
    """Disabled here, and not because Cognigy.AI deleted the person."""
    return await people.is_locked_out(tx, account_id, user_id)
