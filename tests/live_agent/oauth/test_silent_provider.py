"""A provider that does not answer: people are told at once, and nobody waits for another's wait."""

import asyncio
import time

import httpx
from starlette.responses import HTMLResponse, Response

from support.clock import FrozenClock
from support.oauth_desk import START, Desk, failed_page, log_in
from support.visitor import form_with

DISCOVERY = "/.well-known/openid-configuration"
HOUR = 3600


def broken() -> Response:
    return HTMLResponse("<h1>Down for maintenance</h1>")


async def start(desk: Desk) -> httpx.Response:
    async with desk.browser() as browser:
        return await failed_page(browser, await browser.get(START))


async def test_everybody_who_waits_is_told_of_the_same_failure(desk: Desk):
    desk.provider.answers[DISCOVERY] = broken
    desk.provider.delay = 0.2
    pages = await asyncio.gather(*(start(desk) for _ in range(6)))
    assert all("discovery_answered_nonsense" in page.text for page in pages)
    assert len(desk.provider.called(DISCOVERY)) == 1


async def test_a_failure_is_remembered_for_three_seconds(desk: Desk, clock: FrozenClock):
    desk.provider.answers[DISCOVERY] = broken
    await start(desk)
    clock.advance(2)
    assert "discovery_answered_nonsense" in (await start(desk)).text
    assert len(desk.provider.called(DISCOVERY)) == 1
    clock.advance(1)
    desk.provider.answers.clear()
    async with desk.browser() as browser:
        assert (await log_in(desk, browser)).headers["location"] == desk.dashboard


async def test_what_the_provider_said_before_serves_for_a_day(
    desk: Desk, browser: httpx.AsyncClient, clock: FrozenClock
):
    await log_in(desk, browser)
    desk.provider.answers |= {DISCOVERY: broken, "/jwks": broken}
    clock.advance(23 * HOUR)
    async with desk.browser() as other:
        assert (await log_in(desk, other)).headers["location"] == desk.dashboard
    clock.advance(HOUR)
    assert "discovery_answered_nonsense" in (await start(desk)).text


async def test_whoever_hangs_up_takes_nobody_along(desk: Desk):
    desk.provider.delay = 0.3
    async with desk.browser() as first, desk.browser() as second:
        gone = asyncio.create_task(first.get(START))
        waiting = asyncio.create_task(second.get(START))
        await asyncio.sleep(0.1)
        gone.cancel()
        assert (await waiting).headers["location"].startswith(desk.provider.url)
    assert len(desk.provider.called(DISCOVERY)) == 1


async def test_the_logout_page_never_waits_for_the_provider(
    desk: Desk, browser: httpx.AsyncClient, clock: FrozenClock
):
    await log_in(desk, browser)
    clock.advance(HOUR)
    desk.provider.delay = 3
    form = form_with(await browser.get(desk.dashboard), to="/logout")
    await browser.post("/logout", data=form.fields)
    began = time.monotonic()
    offer = form_with(await browser.get("/logged-out"), "id_token_hint")
    assert time.monotonic() - began < 2
    assert offer.action == f"{desk.provider.url}/logout"


async def test_a_platform_that_starts_after_live_agent_costs_nobody_a_login(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.answers[DISCOVERY] = broken
    desk.app.state.provider.prepare()
    async with asyncio.timeout(20):
        while not desk.provider.called(DISCOVERY):  # noqa: ASYNC110 - it counts, and tells nobody
            await asyncio.sleep(0.05)
    desk.provider.answers.clear()
    assert (await log_in(desk, browser)).headers["location"] == desk.dashboard
