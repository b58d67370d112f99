"""What people are found and sorted by, made of their names and addresses.

The previous version of the program knows none of it: people whom it makes, renames or lets in while
it still runs beside this one, and everybody who was there before, are put right by `repair`.
"""

import asyncio
from dataclasses import dataclass

from cognigy_ai.roles import actions as roles
from cognigy_ai.users.rules import Keys
from cognigy_ai.users.store import keys as store
from kernel.db import Database
from kernel.log import get_logger

log = get_logger(__name__)

BATCH = 500


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many rows were put right."""

    people: int = 0
    roles: int = 0


async def repair(database: Database, batch: int = BATCH) -> Repaired:
    """Everybody whose keys are not those of the present name and address, and roles without their
    organisation.

    Each batch is a short transaction of its own, and what is right needs no further look: when it
    is stopped, the next call goes on; several at once share the work.
    """
    people = given = 0
    while done := await _repair_people(database, batch):
        people += done
    while done := await roles.fill_in_organisations(database, batch):
        given += done
    if people or given:
        log.info("users.keys_repaired", people=people, roles=given)
    return Repaired(people, given)


async def keep_right(database: Database) -> int:
    """The same as a job of the janitor, which removes nothing."""
    await repair(database)
    return 0


async def _repair_people(database: Database, batch: int) -> int:
    """The next ones; who is changed by somebody else meanwhile comes in a later batch."""
    stale = await store.list_stale(database, batch)
    if not stale:
        return 0
    keys = await asyncio.to_thread(lambda: [Keys.of(*one) for one in stale])
    async with database.transaction() as tx:
        return await store.replace(tx, keys)
