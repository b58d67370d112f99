"""/profile/history: when somebody signed in as me, or tried to."""

from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai.audit import actions as audit
from cognigy_ai.sessions import actions as sessions
from support.platform import Platform, submit

PAGE = "/profile/history"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    user = await acme.add_user()
    secret, _ = await begin(acme, user.id)
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", secret)
        yield browser, user.id


async def begin(platform: Platform, user_id: str, user_agent: str = FIREFOX) -> tuple[str, str]:
    async with platform.database.transaction() as tx:
        return await sessions.start(tx, user_id, "pwd", 3600, user_agent, platform.now)


async def refuse(platform: Platform, user_id: str) -> None:
    async with platform.database.transaction() as tx:
        await audit.record(
            tx,
            "login.refused",
            platform.now,
            user_id=user_id,
            browser="Opera",
            system="Windows",
            because="password_wrong",
        )


async def test_logins_are_told_newest_first_with_their_ends(
    acme: Platform, ada: tuple[httpx.AsyncClient, str]
) -> None:
    browser, user_id = ada
    _, over = await begin(acme, user_id, "curl/8.5.0")
    async with acme.database.transaction() as tx:
        await sessions.end(tx, over, acme.now + 60, sessions.LOGOUT)
    acme.clock.advance(120)
    await refuse(acme, user_id)
    page = (await browser.get(PAGE)).text
    assert "<title>Login history · Cognigy.AI</title>" in page
    assert page.index("Opera on Windows") < page.index("Firefox on Linux")
    assert page.count("Refused") == page.count("Signed out") == 1
    assert "An unknown browser" in page
    assert "(Wrong password)" in page


async def test_a_colleagues_logins_are_not_told(
    acme: Platform, ada: tuple[httpx.AsyncClient, str]
) -> None:
    browser, _ = ada
    bob = await acme.add_user("bob@acme.example")
    await begin(acme, bob.id, "Mozilla/5.0 (Windows NT 10.0) Vivaldi/6.8")
    await refuse(acme, bob.id)
    page = (await browser.get(PAGE)).text
    assert "Vivaldi" not in page
    assert "Opera" not in page


async def test_fifty_are_shown_at_most(acme: Platform, ada: tuple[httpx.AsyncClient, str]) -> None:
    browser, user_id = ada
    for _ in range(30):
        await begin(acme, user_id)
        await refuse(acme, user_id)
    page = (await browser.get(PAGE)).text
    assert page.count("<strong>") == 50


async def test_a_session_that_ran_out_is_told_with_its_end(
    acme: Platform, ada: tuple[httpx.AsyncClient, str]
) -> None:
    _, user_id = ada
    acme.clock.advance(4000)
    secret, _ = await begin(acme, user_id)
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", secret)
        page = (await browser.get(PAGE)).text
    assert page.count("Signed out") == 1


async def test_a_wrong_password_at_the_login_page_is_told(
    acme: Platform, ada: tuple[httpx.AsyncClient, str]
) -> None:
    browser, _ = ada
    async with acme.browser() as stranger:
        stranger.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:127.0) Firefox/127.0"
        page = await stranger.get("/login")
        fields = {"email": "ada@acme.example", "password": "a wrong guess"}
        await submit(stranger, page, "/login", **fields)
    page = await browser.get(PAGE)
    assert "Firefox on Windows" in page.text
    assert "(Wrong password)" in page.text
