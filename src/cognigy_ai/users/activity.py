"""When a person was last here."""

from cognigy_ai.users.store import activity as store
from kernel.db import Tx


async def note(db: Tx, user_id: str, now: int) -> None:
    """The person asked for a page."""
    await store.note(db, user_id, now)
