"""Why somebody can or cannot log in: with a Live Agent that answers, and with one that does not."""

from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users.rules import User
from support.platform import ACME, OUTBOX, Platform
from support.small_live_agent import TOKEN, SmallLiveAgent


@pytest.fixture
def environment(live_agent: SmallLiveAgent) -> dict[str, str]:
    return live_agent.environment


@pytest.fixture
async def bob(acme: Platform) -> User:
    return await acme.add_user("bob@acme.example", name="Bob Marley", roles=("liveAgentAgent",))


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's browser."""
    user = await acme.add_user(roles=("admin",))
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", acme.now)
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", secret)
        yield browser


async def store(platform: Platform, number: int) -> None:
    async with platform.database.transaction() as tx:
        await organisations.put_live_agent_account(tx, OUTBOX, ACME, number, platform.now)


async def test_live_agent_is_asked_and_agrees(
    acme: Platform, ada: httpx.AsyncClient, bob: User, live_agent: SmallLiveAgent
) -> None:
    await store(acme, live_agent.add(ACME))
    page = await ada.get(f"/admin/users/{bob.id}/live-agent")
    assert "Bob Marley can log in to Live Agent" in page.text
    assert "As Agent." in page.text
    assert "Yes, number 7." in page.text
    assert live_agent.calls == ["GET"]


async def test_what_live_agent_says_is_told_with_what_to_do(
    acme: Platform, ada: httpx.AsyncClient, bob: User, live_agent: SmallLiveAgent
) -> None:
    at = f"/admin/users/{bob.id}/live-agent"
    await store(acme, 8)
    assert "Live Agent has no account for the organisation" in (await ada.get(at)).text
    number = live_agent.add(ACME)
    differs = (await ada.get(at)).text
    assert "Live Agent names number 7, but 8 is stored here." in differs
    assert "Bob Marley can log in to Live Agent" in differs
    await store(acme, number)
    live_agent.accounts[number]["status"] = "suspended"
    suspended = (await ada.get(at)).text
    assert "suspended in Live Agent" in suspended
    assert "Bob Marley cannot log in to Live Agent" in suspended


async def test_a_live_agent_that_does_not_answer_is_an_answer(
    acme: Platform, ada: httpx.AsyncClient, bob: User, live_agent: SmallLiveAgent
) -> None:
    await store(acme, 7)
    live_agent.loses_answers = 5
    page = await ada.get(f"/admin/users/{bob.id}/live-agent")
    assert page.status_code == 200
    assert "It is not known whether Bob Marley can log in to Live Agent" in page.text
    assert "gave no usable answer just now. Load the page again in a minute." in page.text
    assert "broken_off" in page.text
    assert live_agent.url not in page.text  # no internal address


async def test_a_wrong_token_is_told_as_what_it_is(
    acme: Platform, ada: httpx.AsyncClient, bob: User, live_agent: SmallLiveAgent
) -> None:
    await store(acme, 7)
    live_agent.answers = ("401 No", {"code": "platform_token_wrong"})
    page = await ada.get(f"/admin/users/{bob.id}/live-agent")
    assert page.status_code == 200
    for shown in (
        "It is not known whether Bob Marley can log in to Live Agent",
        "are not configured to talk to each other",
        "token_wrong",
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN (Cognigy.AI)",
        "COGNIGY_PLATFORM_APP_TOKEN (Live Agent)",
    ):
        assert shown in page.text
    assert "in a minute" not in page.text
    for secret in (TOKEN, live_agent.url, live_agent.url.removeprefix("http://")):
        assert secret not in page.text


async def test_everything_that_stops_a_login_is_marked(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    new = await acme.add_user(
        "new@acme.example", name="Nina", roles=(), password=None, email_verified=False
    )
    page = await ada.get(f"/admin/users/{new.id}/live-agent")
    assert page.text.count("stops it</span>") == 3  # no password, no account, no role
    for shown in (
        "the invitation was not used",
        "Give one of liveAgentAgent",
        "has to prove it",
        "Live Agent is not set up for the organisation.",
    ):
        assert shown in page.text
