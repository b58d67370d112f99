"""The same with Live Agent itself at the other end, on a real socket."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognigy_ai.live_agent import actions as live_agent_actions
from cognigy_ai.live_agent.actions import LiveAgent
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import LiveAgentFault, Problem
from kernel.problems import ProblemError
from support.databases import Databases
from support.platform import ACME, OUTBOX, Platform
from support.servers import Desk
from support.small_live_agent import TOKEN

GLOBEX = "b" * 24
REFERENCE = "ABCDEFGHIJKL"
HERE, THERE = "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN", "COGNIGY_PLATFORM_APP_TOKEN"


@pytest.fixture
def token_there() -> str:
    """What Live Agent has; override it."""
    return TOKEN


@pytest.fixture
def desk(databases: Databases, engine: str, tmp_path: Path, token_there: str) -> Iterator[Desk]:
    provider = "http://127.0.0.1:9"
    made = Desk(
        databases.fresh(engine, "live_agent"),
        tmp_path,
        COGNIGY_OAUTH_CLIENT_SECRET="a-client-secret-of-the-tests-123",
        COGNIGY_OAUTH_SITE=provider,
        COGNIGY_OAUTH_AUTHORIZE_URL=f"{provider}/login",
        COGNIGY_OAUTH_TOKEN_URL=f"{provider}/auth/oauth2/token",
        **{THERE: token_there},
    )
    with made.running():
        yield made


@pytest.fixture
def environment(desk: Desk) -> dict[str, str]:
    return {"COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": desk.url, HERE: TOKEN}


def means_of(platform: Platform) -> LiveAgent:
    means: LiveAgent = platform.app.state.live_agent
    return means


async def set_up(platform: Platform, organisation: str = ACME) -> int:
    return await live_agent_actions.set_up(means_of(platform), organisation, REFERENCE)


async def test_set_up_adoption_and_suspension(acme: Platform, desk: Desk) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    mapped = await asyncio.to_thread(desk.create_account, "Globex's old desk", GLOBEX)
    numbers = await asyncio.gather(*(set_up(acme) for _ in range(8)))
    assert len(set(numbers)) == 1
    assert await set_up(acme, GLOBEX) == mapped
    listed = await asyncio.to_thread(desk.run_json, "accounts", "list")
    assert {account["organisation_id"] for account in listed} == {ACME, GLOBEX}
    assert len(listed) == 2

    organisation = await organisations.get(acme.database, ACME)
    for deed, suspended in ((organisations.suspend, True), (organisations.resume, False)):
        async with acme.database.transaction() as tx:
            await deed(tx, OUTBOX, ACME, acme.now)
        await acme.app.state.courier.deliver_due()
        found = await live_agent_actions.find_account(means_of(acme), organisation, 10)
        assert found is not None
        assert (found.id, found.name, found.suspended) == (numbers[0], "Acme", suspended)

    adopted = await live_agent_actions.adopt(means_of(acme), ACME, numbers[0], REFERENCE)
    assert adopted == (numbers[0], False)
    with pytest.raises(ProblemError) as taken:
        await live_agent_actions.adopt(means_of(acme), ACME, mapped, REFERENCE)
    assert taken.value.problem is Problem.LIVE_AGENT_ACCOUNT_TAKEN
    with pytest.raises(ProblemError) as unknown:
        await live_agent_actions.adopt(means_of(acme), ACME, 999_999, REFERENCE)
    assert unknown.value.problem is Problem.LIVE_AGENT_ACCOUNT_UNKNOWN


@pytest.mark.parametrize(
    ("token_there", "fault"),
    [
        ("another-platform-token-9876543210", LiveAgentFault.TOKEN_WRONG),
        ("", LiveAgentFault.TOKEN_UNSET_THERE),
    ],
    ids=["another", "none"],
)
async def test_tokens_that_do_not_agree(acme: Platform, fault: LiveAgentFault) -> None:
    with pytest.raises(ProblemError) as refused:
        await set_up(acme)
    assert refused.value.fault is fault
