"""Setting Live Agent up: one account for an organisation, whatever goes wrong on the way."""

import asyncio
import json

import pytest
from sqlalchemy import select

from cognigy_ai.db.tables import audit_events
from cognigy_ai.live_agent import actions as live_agent_actions
from cognigy_ai.live_agent import rules
from cognigy_ai.live_agent.actions import LiveAgent, Unreached
from cognigy_ai.live_agent.rules import Finding, SetUp
from cognigy_ai.live_agent_api.rules import AccountView
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.organisations.rules import Organisation
from cognigy_ai.problems import LiveAgentFault, Problem
from kernel.problems import ProblemError
from support.platform import ACME, OUTBOX, Platform
from support.small_live_agent import Request, SmallLiveAgent

GLOBEX = "b" * 24
REFERENCE = "ABCDEFGHIJKL"
EVENTS = select(audit_events).where(audit_events.c.event.like("organisation.live_agent%"))


def means_of(platform: Platform) -> LiveAgent:
    means: LiveAgent = platform.app.state.live_agent
    return means


async def set_up(platform: Platform, organisation: str = ACME) -> int:
    return await live_agent_actions.set_up(means_of(platform), organisation, REFERENCE)


async def refused(platform: Platform) -> ProblemError:
    with pytest.raises(ProblemError) as error:
        await set_up(platform)
    return error.value


async def stored(platform: Platform, organisation: str = ACME) -> Organisation:
    return await organisations.get(platform.database, organisation)


async def test_an_organisation_gets_an_account_and_its_number_is_stored(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    assert await set_up(acme) == 7
    organisation = await stored(acme)
    assert organisation.live_agent_account == 7
    assert organisation.live_agent_set_up_at == acme.now
    assert live_agent.accounts[7]["organisation_id"] == ACME
    (event,) = await acme.database.all(EVENTS)
    assert (event["event"], event["organisation_id"]) == ("organisation.live_agent_set", ACME)
    assert json.loads(event["details"]) == {"account": 7, "before": None}


async def test_a_second_press_asks_nothing_and_gives_the_same_number(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    assert [await set_up(acme), await set_up(acme)] == [7, 7]
    assert live_agent.calls == ["POST"]
    assert len(await acme.database.all(EVENTS)) == 1


async def test_after_a_lost_answer_the_same_account_is_found(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    live_agent.loses_answers = 1
    error = await refused(acme)
    assert error.problem is Problem.LIVE_AGENT_UNAVAILABLE
    assert (await stored(acme)).live_agent_account is None
    assert await set_up(acme) == 7
    assert list(live_agent.accounts) == [7]


async def test_of_eight_simultaneous_presses_one_account_comes(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    assert await asyncio.gather(*(set_up(acme) for _ in range(8))) == [7] * 8
    assert list(live_agent.accounts) == [7]
    assert len(await acme.database.all(EVENTS)) == 1


async def test_an_account_that_an_operator_mapped_is_adopted(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    live_agent.next_number = 3
    live_agent.add(ACME, "Acme's old desk")
    live_agent.next_number = 7
    assert await set_up(acme) == 3
    assert list(live_agent.accounts) == [3]


async def test_two_organisations_get_two_accounts(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    assert [await set_up(acme), await set_up(acme, GLOBEX)] == [7, 8]


async def test_another_number_that_was_stored_meanwhile_is_told_and_kept(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    async def meanwhile(_request: Request) -> None:
        async with acme.database.transaction() as tx:
            await organisations.put_live_agent_account(tx, OUTBOX, ACME, 5, acme.now)

    live_agent.before_answer = meanwhile
    error = await refused(acme)
    assert (error.problem, error.fault) == (
        Problem.LIVE_AGENT_ACCOUNT_DIFFERS,
        LiveAgentFault.ACCOUNT_DIFFERS,
    )
    assert error.context == {"account": 7, "stored": 5}
    assert (await stored(acme)).live_agent_account == 5


async def test_no_transaction_is_open_while_live_agent_is_called(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    async def meanwhile(_request: Request) -> None:
        # SQLite has one writer: with a transaction open this would wait for ever.
        async with asyncio.timeout(5), acme.database.transaction() as tx:
            assert await organisations.rename(tx, ACME, "Acme Ltd", acme.now)

    live_agent.before_answer = meanwhile
    assert await set_up(acme) == 7


async def test_an_account_that_is_suspended_there_is_not_taken(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    live_agent.add(ACME, status="suspended")
    error = await refused(acme)
    assert (error.problem, error.context) == (
        Problem.LIVE_AGENT_ACCOUNT_SUSPENDED,
        {"account": 7},
    )
    assert (await stored(acme)).live_agent_account is None


async def test_a_suspended_organisation_is_not_set_up(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    async with acme.database.transaction() as tx:
        await organisations.suspend(tx, OUTBOX, ACME, acme.now)
    assert (await refused(acme)).problem is Problem.ORGANISATION_SUSPENDED
    assert live_agent.requests == []


async def test_an_unknown_organisation_is_not_set_up(
    platform: Platform, live_agent: SmallLiveAgent
) -> None:
    assert (await refused(platform)).problem is Problem.ORGANISATION_UNKNOWN
    assert live_agent.requests == []


@pytest.mark.parametrize("environment", [{"FEATURE_USE_COGNIGY_LIVE_AGENT": ""}], ids=["off"])
async def test_nothing_is_set_up_while_the_feature_is_off(acme: Platform) -> None:
    error = await refused(acme)
    assert error.problem is Problem.LIVE_AGENT_NOT_INSTALLED
    assert error.fault is LiveAgentFault.FEATURE_OFF
    assert error.fault.spec.keys == ("FEATURE_USE_COGNIGY_LIVE_AGENT",)


async def test_a_wrong_token_changes_nothing(acme: Platform, live_agent: SmallLiveAgent) -> None:
    live_agent.answers = ("401 No", {"code": "platform_token_wrong"})
    error = await refused(acme)
    assert error.fault is LiveAgentFault.TOKEN_WRONG
    assert (await stored(acme)).live_agent_account is None


async def test_what_live_agent_has_is_found(acme: Platform, live_agent: SmallLiveAgent) -> None:
    organisation = await stored(acme)
    assert await live_agent_actions.find_account(means_of(acme), organisation) is None
    live_agent.add(GLOBEX)
    live_agent.add(ACME, "Acme")
    found = await live_agent_actions.find_account(means_of(acme), organisation)
    assert found == AccountView(8, "Acme", ACME, suspended=False, oauth_login=True)


async def test_a_glance_at_live_agent_takes_no_longer_than_asked(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    async def dawdle(_request: Request) -> None:
        await asyncio.sleep(5)

    live_agent.before_answer = dawdle
    found = await live_agent_actions.find_account(means_of(acme), await stored(acme), 0.1)
    assert found == Unreached(LiveAgentFault.TIMED_OUT)
    live_agent.before_answer = None
    live_agent.answers = ("503 Off", {"code": "platform_api_off"})
    found = await live_agent_actions.find_account(means_of(acme), await stored(acme))
    assert found == Unreached(LiveAgentFault.TOKEN_UNSET_THERE)


VIEW = AccountView(7, "Acme", ACME, suspended=False, oauth_login=True)


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        (VIEW, Finding.AGREES),
        (AccountView(8, "Acme", ACME, suspended=False, oauth_login=True), Finding.DIFFERS),
        (AccountView(7, "Acme", ACME, suspended=True, oauth_login=True), Finding.SUSPENDED),
        (AccountView(7, "Acme", ACME, suspended=False, oauth_login=False), Finding.LOGIN_OFF),
        (None, Finding.MISSING),
        (Unreached(LiveAgentFault.TIMED_OUT), Finding.UNREACHED),
    ],
    ids=lambda value: value.value if isinstance(value, Finding) else "",
)
def test_the_stored_number_is_compared_with_what_live_agent_says(
    found: rules.Found, finding: Finding
) -> None:
    assert rules.compare(7, found) is finding


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        (VIEW, Finding.NOT_NOTED),
        (AccountView(7, "Acme", ACME, suspended=True, oauth_login=True), Finding.SUSPENDED),
        (None, Finding.NOT_CONFIGURED),
        (Unreached(LiveAgentFault.TIMED_OUT), Finding.UNREACHED),
    ],
    ids=["there", "suspended there", "nowhere", "silent"],
)
def test_an_account_that_is_only_there_lets_people_in_all_the_same(
    found: rules.Found, finding: Finding
) -> None:
    assert rules.compare(None, found) is finding


@pytest.mark.parametrize(
    ("account", "feature_on", "state"),
    [
        (None, True, SetUp.NOT_CONFIGURED),
        (7, True, SetUp.DONE),
        (None, False, SetUp.NOT_INSTALLED),
        (7, False, SetUp.NOT_INSTALLED),
    ],
)
def test_one_of_three_states(account: int | None, feature_on: bool, state: SetUp) -> None:  # noqa: FBT001
    organisation = Organisation(ACME, "Acme", 1, None, live_agent_account=account)
    assert rules.state_of_set_up(organisation, feature_on=feature_on) is state


async def test_an_operator_adopts_the_number_that_live_agent_has(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    means = means_of(acme)
    with pytest.raises(ProblemError) as missing:
        await live_agent_actions.adopt(means, ACME, None, REFERENCE)
    assert missing.value.problem is Problem.LIVE_AGENT_ACCOUNT_MISSING
    await set_up(acme)
    live_agent.accounts[9] = live_agent.accounts.pop(7) | {"id": 9}
    assert await live_agent_actions.adopt(means, ACME, None, REFERENCE) == (9, True)
    assert await live_agent_actions.adopt(means, ACME, 9, REFERENCE) == (9, False)
    assert (await stored(acme)).live_agent_account == 9
    changes = [json.loads(e["details"]) for e in await acme.database.all(EVENTS)]
    assert {"account": 9, "before": 7} in changes


async def test_an_operator_does_not_adopt_anothers_account(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    live_agent.add(GLOBEX)
    live_agent.add(None)
    for number, problem in (
        (7, Problem.LIVE_AGENT_ACCOUNT_TAKEN),
        (8, Problem.LIVE_AGENT_ACCOUNT_TAKEN),
        (9, Problem.LIVE_AGENT_ACCOUNT_UNKNOWN),
    ):
        with pytest.raises(ProblemError) as error:
            await live_agent_actions.adopt(means_of(acme), ACME, number, REFERENCE)
        assert error.value.problem is problem
    assert (await stored(acme)).live_agent_account is None


async def test_a_forgotten_number_lets_it_be_set_up_again(
    acme: Platform, live_agent: SmallLiveAgent
) -> None:
    await set_up(acme)
    del live_agent.accounts[7]
    assert await live_agent_actions.forget(means_of(acme), ACME)
    assert not await live_agent_actions.forget(means_of(acme), ACME)
    assert (await stored(acme)).live_agent_set_up_at is None
    assert await set_up(acme) == 8
