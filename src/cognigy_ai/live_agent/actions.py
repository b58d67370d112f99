"""Setting Live Agent up, and telling it when an organisation is suspended or resumed.

No transaction is open while Live Agent is called. Live Agent gives an organisation one account
however often it is asked, and the number is written where none stands yet: a lost answer, a double
click and two replicas all end with the same one.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cognigy_ai.audit import actions as audit
from cognigy_ai.live_agent import rules
from cognigy_ai.live_agent.rules import Found, Unreached
from cognigy_ai.live_agent_api.client import LiveAgentApi
from cognigy_ai.live_agent_api.rules import AccountView
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.organisations.rules import Organisation
from cognigy_ai.problems import LiveAgentFault, Problem
from cognigy_ai.settings import Settings
from kernel.clock import Clock
from kernel.db import Database
from kernel.log import get_logger
from kernel.opaque import new_reference, reference_of
from kernel.outbox import DeliveryFailed, Outbox
from kernel.problems import ProblemError

log = get_logger(__name__)

GLANCE_SECONDS = 2.0  # a page does not wait longer
MOST_TELLINGS = 3

__all__ = [
    "AccountView",
    "Found",
    "LiveAgent",
    "Unreached",
    "adopt",
    "find_account",
    "forget",
    "probe",
    "set_up",
    "tell_state",
]


@dataclass(frozen=True, slots=True)
class LiveAgent:
    """What the deeds below need; one for each process."""

    settings: Settings
    database: Database
    clock: Clock
    outbox: Outbox
    api: LiveAgentApi


async def set_up(means: LiveAgent, organisation_id: str, reference: str) -> int:
    """Give the organisation its account; the number, also if it had one already.

    Raises ORGANISATION_UNKNOWN, ORGANISATION_SUSPENDED or one of LIVE_AGENT_*.
    """
    organisation = await organisations.get(means.database, organisation_id)
    feature_on = means.settings.feature_use_cognigy_live_agent
    problem = rules.refusal(organisation, feature_on=feature_on)
    if problem is not None:
        fault = None if feature_on else LiveAgentFault.FEATURE_OFF
        raise ProblemError(problem, fault, organisation_id=organisation_id)
    if organisation.live_agent_account is not None:
        return organisation.live_agent_account
    account = await means.api.create_account(organisation.name, organisation_id, reference)
    if account.suspended:
        raise ProblemError(
            Problem.LIVE_AGENT_ACCOUNT_SUSPENDED,
            LiveAgentFault.ACCOUNT_SUSPENDED,
            account=account.id,
        )
    async with means.database.transaction() as tx:
        stored = await organisations.keep_live_agent_account(
            tx, means.outbox, organisation_id, account.id, means.clock.now()
        )
    if stored != account.id:
        raise ProblemError(
            Problem.LIVE_AGENT_ACCOUNT_DIFFERS,
            LiveAgentFault.ACCOUNT_DIFFERS,
            account=account.id,
            stored=stored,
        )
    return stored


async def adopt(
    means: LiveAgent, organisation_id: str, number: int | None, reference: str
) -> tuple[int, bool]:
    """The operator's: store the number that Live Agent has, whatever stood here.

    Returns it, and whether it is new here. With `number` only that one is taken. Raises
    LIVE_AGENT_ACCOUNT_UNKNOWN, LIVE_AGENT_ACCOUNT_TAKEN or LIVE_AGENT_ACCOUNT_MISSING.
    """
    await organisations.get(means.database, organisation_id)
    if number is None:
        account = await means.api.find_account_of(organisation_id, reference)
        missing = Problem.LIVE_AGENT_ACCOUNT_MISSING
    else:
        account = await means.api.find_account(number, reference)
        missing = Problem.LIVE_AGENT_ACCOUNT_UNKNOWN
    if account is None:
        raise ProblemError(missing, account=number, organisation_id=organisation_id)
    if account.organisation_id != organisation_id:
        taken = Problem.LIVE_AGENT_ACCOUNT_TAKEN
        raise ProblemError(taken, account=account.id, organisation_id=organisation_id)
    return account.id, await _put(means, organisation_id, account.id)


async def forget(means: LiveAgent, organisation_id: str) -> bool:
    """The operator's: the account is gone, it may be set up again. False if none was stored."""
    return await _put(means, organisation_id, None)


async def find_account(
    means: LiveAgent, organisation: Organisation, seconds: float = GLANCE_SECONDS
) -> Found:
    """The account that the organisation has in Live Agent, None, or why it is not known."""
    try:
        async with asyncio.timeout(seconds):
            return await means.api.find_account_of(organisation.id, new_reference())
    except TimeoutError:
        fault = LiveAgentFault.TIMED_OUT
    except ProblemError as error:
        if not isinstance(error.fault, LiveAgentFault):
            raise
        fault = error.fault
        log.warning("live_agent.unreached", fault=fault.code, keys=list(fault.spec.keys))
    return Unreached(fault)


async def probe(means: LiveAgent, reference: str) -> Mapping[str, Any]:
    """What Live Agent says of itself to whoever has the platform token; raises ProblemError."""
    return await means.api.probe(reference)


async def tell_state(means: LiveAgent, payload: Mapping[str, Any], letter_id: str) -> None:
    """Deliver a letter of the kind LIVE_AGENT_ACCOUNT: is the organisation suspended now?

    Of two letters the later one may arrive first, so each tells what is true at its own time, and
    again if that changed meanwhile: whoever is told last is told the truth.
    """
    told = None
    for _ in range(MOST_TELLINGS):
        organisation = await organisations.find(means.database, str(payload["organisation_id"]))
        if organisation is None:
            return
        state = (organisation.live_agent_account, organisation.suspended)
        if state == told:
            return
        try:
            if not await _told(means, organisation, letter_id):
                return
        except ProblemError as error:
            code = error.fault.code if error.fault else error.problem.code
            raise DeliveryFailed(f"{code}: {error.context.get('detail', '')}") from error
        told = state
    raise DeliveryFailed("the organisation changes while Live Agent is told")


async def _told(means: LiveAgent, organisation: Organisation, letter_id: str) -> bool:
    """False if Live Agent has no such account, or has it for somebody else: that is the end."""
    reference, suspended = reference_of(letter_id), organisation.suspended
    account = organisation.live_agent_account
    if account is None:
        account = await _mapped_account(means, organisation.id, reference)
    if account is None:
        return False
    refused = await means.api.set_state(account, organisation.id, reference, suspended=suspended)
    if not refused:
        return True
    log.error(
        "live_agent.state_not_taken",
        organisation_id=organisation.id,
        account=account,
        suspended=suspended,
        because=refused,
        reference=reference,
    )
    async with means.database.transaction() as tx:
        await audit.record(
            tx,
            "organisation.live_agent_not_told",
            means.clock.now(),
            reference=reference,
            organisation_id=organisation.id,
            account=account,
            because=refused,
        )
    return False


async def _mapped_account(means: LiveAgent, organisation_id: str, reference: str) -> int | None:
    """An account that was given to the organisation over there; nobody said so here."""
    if not means.settings.feature_use_cognigy_live_agent:
        return None
    found = await means.api.find_account_of(organisation_id, reference)
    return None if found is None else found.id


async def _put(means: LiveAgent, organisation_id: str, account: int | None) -> bool:
    async with means.database.transaction() as tx:
        return await organisations.put_live_agent_account(
            tx, means.outbox, organisation_id, account, means.clock.now()
        )
