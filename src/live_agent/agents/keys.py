"""What people are found and sorted by, where it is behind their names and addresses.

Everything here writes both at once. The version before knows none of it: whom it makes or renames
while it still runs beside this one, and everybody who was there before, are put right here.
"""

from kernel.db import Database
from kernel.log import get_logger
from live_agent.agents.store import keys as store

log = get_logger(__name__)

BATCH = 500


async def repair(database: Database, batch: int = BATCH) -> int:
    """Everybody whose keys are behind; returns how many.

    Each batch is a short transaction of its own; when it is stopped, the next call goes on.
    """
    people = 0
    while stale := await store.list_stale(database, batch):
        async with database.transaction() as tx:
            for user_id, name, email in stale:
                await store.set_keys(tx, user_id, name, email)
        people += len(stale)
    if people:
        log.info("users.keys_repaired", people=people)
    return people


async def keep_right(database: Database) -> int:
    """The same as a job of the janitor, which removes nothing."""
    await repair(database)
    return 0
