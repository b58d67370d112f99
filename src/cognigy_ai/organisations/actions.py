"""Deeds on organisations. Pages, API and command line call these alike."""

from cognigy_ai.audit import actions as audit
from cognigy_ai.organisations import rules, store
from cognigy_ai.organisations.rules import Organisation
from cognigy_ai.problems import Problem
from kernel.db import Tx, UniqueViolation
from kernel.opaque import new_object_id
from kernel.problems import ProblemError


async def create(tx: Tx, name: str, now: int, organisation_id: str | None = None) -> str:
    """Make an organisation; returns its id.

    Raises NAME_INVALID, ORGANISATION_ID_INVALID or ORGANISATION_EXISTS.
    """
    _check_name(name)
    made = new_object_id() if organisation_id is None else organisation_id
    if not rules.is_organisation_id(made):
        raise ProblemError(Problem.ORGANISATION_ID_INVALID, organisation_id=made)
    try:
        await store.add(tx, Organisation(made, name.strip(), now, suspended_at=None))
    except UniqueViolation:
        raise ProblemError(Problem.ORGANISATION_EXISTS, organisation_id=made) from None
    await audit.record(tx, "organisation.created", now, organisation_id=made)
    return made


async def list_(db: Tx) -> list[Organisation]:
    """All of them, by name."""
    return await store.list_(db)


async def find(db: Tx, organisation_id: str) -> Organisation | None:
    """None if there is no such organisation."""
    return await store.find(db, organisation_id)


async def get(db: Tx, organisation_id: str) -> Organisation:
    """The organisation; raises ORGANISATION_UNKNOWN."""
    found = await store.find(db, organisation_id)
    if found is None:
        raise ProblemError(Problem.ORGANISATION_UNKNOWN, organisation_id=organisation_id)
    return found


async def rename(tx: Tx, organisation_id: str, name: str, now: int) -> bool:
    """False if it has that name already; raises NAME_INVALID or ORGANISATION_UNKNOWN."""
    _check_name(name)
    if (await get(tx, organisation_id)).name == name.strip():
        return False
    await store.rename(tx, organisation_id, name.strip())
    await audit.record(tx, "organisation.renamed", now, organisation_id=organisation_id)
    return True


async def suspend(tx: Tx, organisation_id: str, now: int) -> bool:
    """Nobody there gets in any more: sessions end, grants are revoked. False if it was so."""
    await get(tx, organisation_id)
    changed = await store.suspend(tx, organisation_id, now)
    if changed:
        await store.end_access_of_organisation(tx, organisation_id, now, "organisation_suspended")
        await audit.record(tx, "organisation.suspended", now, organisation_id=organisation_id)
    return changed


async def resume(tx: Tx, organisation_id: str, now: int) -> bool:
    """People can log in again; what was ended stays ended. False if it was not suspended."""
    await get(tx, organisation_id)
    changed = await store.resume(tx, organisation_id)
    if changed:
        await store.end_access_of_organisation(tx, organisation_id, now, "organisation_resumed")
        await audit.record(tx, "organisation.resumed", now, organisation_id=organisation_id)
    return changed


def _check_name(name: str) -> None:
    if not rules.is_name(name):
        raise ProblemError(Problem.NAME_INVALID)
