"""Lists of people that Live Agent proposes: an administrator starts them here, or nobody does.

A proposal is an import that nobody has started yet. It gives nobody anything: whoever starts it
does so with their own rights, and may decline rows before.
"""

import asyncio
import hashlib
from collections.abc import Sequence

from cognigy_ai.audit import actions as audit
from cognigy_ai.imports import actions, rules
from cognigy_ai.imports.rules import Import, Line, NewRow
from cognigy_ai.imports.store import lists as list_store
from cognigy_ai.imports.store import rows as row_store
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import ADMIN
from cognigy_ai.users.rules import User
from kernel.db import Database, Tx, UniqueViolation
from kernel.keyring import KeyRing
from kernel.problems import ProblemError

FILE_NAME = "Live Agent"
MOST_WAITING = 100  # of one organisation


async def propose(  # noqa: PLR0913, PLR0917 - one proposal
    database: Database,
    keyring: KeyRing,
    organisation_id: str,
    proposal_id: str,
    proposed_by: str,
    lines: Sequence[Line],
    now: int,
) -> tuple[Import, bool]:
    """Keep the people, sealed; the same id again is the proposal that is there. (It, is it new?)

    Raises PROPOSALS_TOO_MANY.
    """
    import_id = _key(organisation_id, proposal_id)
    known = await list_store.find(database, organisation_id, import_id)
    if known is not None:
        return known, False
    if await list_store.count_proposed(database, organisation_id) >= MOST_WAITING:
        raise ProblemError(Problem.PROPOSALS_TOO_MANY, organisation_id=organisation_id)
    people = await row_store.find_people(database, organisation_id, [one.key for one in lines])
    rows = await asyncio.to_thread(
        lambda: [
            NewRow(
                line.number,
                keyring.seal(actions.SEALED_FOR, line.sealed()),
                rules.decide(line, people.get(line.key), (ADMIN,)),
            )
            for line in lines
        ]
    )
    new = Import(
        id=import_id,
        organisation_id=organisation_id,
        file_name=FILE_NAME,
        asked_by="",
        state=rules.CHECKED,
        invite=False,
        total=len(lines),
        done=0,
        created_at=now,
        started_at=None,
        finished_at=None,
        proposed_by=proposed_by,
    )
    try:
        async with database.transaction() as tx:
            await list_store.add(tx, new)
            await row_store.add_rows(tx, new.id, rows)
            await actions.record(tx, "import.proposed", new, now, rows=new.total)
    except UniqueViolation:  # the same proposal, at the same time
        return await actions.get(database, organisation_id, import_id), False
    return new, True


async def get(db: Tx | Database, organisation_id: str, proposal_id: str) -> Import:
    """Raises PAGE_NOT_FOUND; a proposal that was discarded is not there any more."""
    return await actions.get(db, organisation_id, _key(organisation_id, proposal_id))


async def count_waiting(db: Tx | Database, organisation_id: str) -> int:
    """How many proposals nobody has decided about."""
    return await list_store.count_proposed(db, organisation_id)


async def decline(tx: Tx, by: User, import_id: str, numbers: Sequence[int], now: int) -> int:
    """These people are not to be made; the others stay proposed. Returns how many there were."""
    found = await actions.get(tx, by.organisation_id, import_id)
    if not found.proposed:
        raise ProblemError(Problem.IMPORT_NOT_STARTED, import_id=import_id)
    declined = await row_store.decline(tx, found.id, numbers, now)
    await audit.record(
        tx,
        "import.declined",
        now,
        organisation_id=found.organisation_id,
        import_id=found.id,
        rows=declined,
    )
    return declined


def _key(organisation_id: str, proposal_id: str) -> str:
    """Of the organisation by construction: no other one's proposal can have it."""
    return hashlib.sha256(f"{organisation_id}\0{proposal_id}".encode()).hexdigest()[:40]
