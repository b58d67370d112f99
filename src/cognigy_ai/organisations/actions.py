"""Deeds on organisations. Pages, API and command line call these alike."""

from collections.abc import Sequence

from cognigy_ai import letters
from cognigy_ai.audit import actions as audit
from cognigy_ai.organisations import rules, store
from cognigy_ai.organisations.rules import Organisation
from cognigy_ai.problems import Problem
from kernel.db import Tx, UniqueViolation
from kernel.opaque import new_object_id
from kernel.outbox import Outbox
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


async def list_page(db: Tx, words: str = "", most: int = 100, skip: int = 0) -> list[Organisation]:
    """Some of them, by name: those whose name holds the words."""
    return await store.list_page(db, words, most, skip)


async def list_several(db: Tx, ids: Sequence[str]) -> list[Organisation]:
    """Those of the ids that there are, in no order."""
    return await store.list_several(db, ids)


async def list_set_up(db: Tx, most: int) -> list[Organisation]:
    """Those that have an account of Live Agent, the newest set-up first."""
    return await store.list_set_up(db, most)


async def count_people(db: Tx, organisation_id: str, most: int) -> int:
    """How many people it has; no more than `most` are counted."""
    return await store.count_members(db, organisation_id, most)


async def rename(tx: Tx, organisation_id: str, name: str, now: int) -> bool:
    """False if it has that name already; raises NAME_INVALID or ORGANISATION_UNKNOWN."""
    _check_name(name)
    if (await get(tx, organisation_id)).name == name.strip():
        return False
    await store.rename(tx, organisation_id, name.strip())
    await audit.record(tx, "organisation.renamed", now, organisation_id=organisation_id)
    return True


async def suspend(tx: Tx, outbox: Outbox, organisation_id: str, now: int) -> bool:
    """Nobody there gets in any more: sessions end, grants are revoked. False if it was so.

    Live Agent is told by a letter: wake the courier after the commit.
    """
    await get(tx, organisation_id)
    changed = await store.suspend(tx, organisation_id, now)
    if changed is None:
        return False
    await store.end_access_of_organisation(tx, organisation_id, now, "organisation_suspended")
    await audit.record(tx, "organisation.suspended", now, organisation_id=organisation_id)
    await _tell_live_agent(tx, outbox, changed, now)
    return True


async def resume(tx: Tx, outbox: Outbox, organisation_id: str, now: int) -> bool:
    """People can log in again; what was ended stays ended. False if it was not suspended."""
    await get(tx, organisation_id)
    changed = await store.resume(tx, organisation_id)
    if changed is None:
        return False
    await store.end_access_of_organisation(tx, organisation_id, now, "organisation_resumed")
    await audit.record(tx, "organisation.resumed", now, organisation_id=organisation_id)
    await _tell_live_agent(tx, outbox, changed, now)
    return True


async def keep_live_agent_account(
    tx: Tx, outbox: Outbox, organisation_id: str, account: int, now: int
) -> int:
    """Write down the number that Live Agent gave; the number that is stored, by whomever.

    Live Agent hears of a suspension that came between its answer and this.
    """
    kept = await store.keep_live_agent_account(tx, organisation_id, account, now)
    if kept is None:
        return (await get(tx, organisation_id)).live_agent_account or 0
    await _record_account(tx, organisation_id, account, now)
    if kept.suspended:
        await _tell_live_agent(tx, outbox, kept, now)
    return account


async def put_live_agent_account(
    tx: Tx, outbox: Outbox, organisation_id: str, account: int | None, now: int
) -> bool:
    """The operator's word, whatever was stored; None forgets the number. False if it was so."""
    before = await get(tx, organisation_id)
    if before.live_agent_account == account:
        return False
    changed = await store.put_live_agent_account(tx, organisation_id, account, now)
    assert changed is not None
    await _record_account(tx, organisation_id, account, now, before=before.live_agent_account)
    if changed.suspended:
        await _tell_live_agent(tx, outbox, changed, now)
    return True


async def set_policy(tx: Tx, organisation_id: str, policy_json: str | None, now: int) -> bool:
    """What passwords must be, as `users.policy` wrote it; False if it was so."""
    changed = await store.set_policy(tx, organisation_id, policy_json)
    if changed:
        await audit.record(tx, "organisation.policy_changed", now, organisation_id=organisation_id)
    return changed


async def set_two_step_required(tx: Tx, organisation_id: str, *, required: bool, now: int) -> bool:
    """Whether everybody there needs a second step to sign in; False if it was so."""
    changed = await store.set_two_step_required(tx, organisation_id, required=required)
    if changed:
        event = "organisation.two_step_required" if required else "organisation.two_step_optional"
        await audit.record(tx, event, now, organisation_id=organisation_id)
    return changed


async def _record_account(
    tx: Tx, organisation_id: str, account: int | None, now: int, before: int | None = None
) -> None:
    await audit.record(
        tx,
        "organisation.live_agent_forgotten" if account is None else "organisation.live_agent_set",
        now,
        organisation_id=organisation_id,
        account=account,
        before=before,
    )


async def _tell_live_agent(tx: Tx, outbox: Outbox, changed: Organisation, now: int) -> None:
    """The letter says whom to look at; what is true is read when it is delivered.

    Also where no number stands here: an operator may have mapped the account on the other side.
    """
    letter = {"organisation_id": changed.id}
    await outbox.add(tx, letters.LIVE_AGENT_ACCOUNT, letter, now)


def _check_name(name: str) -> None:
    if not rules.is_name(name):
        raise ProblemError(Problem.NAME_INVALID)
