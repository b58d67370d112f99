"""The story of one login over both systems, by its reference."""

from dataclasses import dataclass

from kernel.audit.rules import Event
from kernel.db import Database
from live_agent.accounts import actions as accounts
from live_agent.audit import actions as audit
from live_agent.doctor.questions import Questions
from live_agent.doctor.rules import story as rules
from live_agent.doctor.rules.places import System
from live_agent.doctor.rules.story import Happened, Step

cleaned, is_reference, hint_of = rules.cleaned, rules.is_reference, rules.hint_of


@dataclass(frozen=True, slots=True)
class Story:
    """`platform_told` is False if Cognigy.AI did not answer."""

    steps: tuple[Step, ...]
    platform_told: bool


async def of(
    questions: Questions, database: Database, reference: str, account_id: int | None = None
) -> Story:
    """Everything for an operator; for an administrator what belongs to the account."""
    organisation = None
    if account_id is not None:
        account = await accounts.find(database, account_id)
        organisation = account.organisation_id if account is not None else None
    own = await audit.TRAIL.list_of_reference(database, None, reference, rules.MOST)
    if account_id is not None and organisation is None:
        told: list[Happened] | None = []
    else:
        told = await _of_platform(questions, reference, organisation)
    happened = [*(told or ()), *(_happened(event) for event in own)]
    if account_id is not None:
        whose = [None if event.owner is None else event.owner == account_id for event in own]
        happened = rules.visible(happened, whose)
    return Story(tuple(rules.steps(happened)), told is not None)


def step_of(event: Event) -> Step:
    """One event of Live Agent's own trail, in words."""
    return rules.step(_happened(event))


def _happened(event: Event) -> Happened:
    return Happened(event.at, System.LIVE_AGENT, event.event, event.details)


async def _of_platform(
    questions: Questions, reference: str, organisation: str | None
) -> list[Happened] | None:
    call = await questions.story(reference, organisation)
    return None if call is None else rules.told_by_platform(call.members)
