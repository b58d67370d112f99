"""Whoever lost access reads why, at the next click and on every open page."""

import asyncio

import httpx
import pytest
from sqlalchemy import select, update
from starlette.responses import Response

from live_agent.db import tables
from support.event_tokens import CAEP, RISC, tell
from support.oauth_desk import Desk, log_in
from support.provider import SUBJECT


@pytest.mark.parametrize(
    ("kind", "event", "says"),
    [
        (CAEP + "session-revoked", {}, "Your sessions were ended in Cognigy.AI."),
        (CAEP + "token-claims-change", {"claims": {"roles": []}}, "Your role for Live Agent"),
        (RISC + "account-disabled", {}, "Your user was disabled in Cognigy.AI."),
        (RISC + "account-purged", {}, "Your user was deleted in Cognigy.AI."),
    ],
    ids=["revoked", "roles", "disabled", "purged"],
)
async def test_the_next_click_says_why_with_the_reference_of_the_signal(
    desk: Desk, browser: httpx.AsyncClient, kind: str, event: dict[str, object], says: str
):
    await log_in(desk, browser)
    await tell(desk, kind, access_revision=2, **event)
    page = await browser.get(desk.dashboard)
    assert page.status_code == 403
    assert "Your access has ended" in page.text
    assert says in page.text
    row = await desk.database.one(
        select(tables.audit_events).where(tables.audit_events.c.event == "session.ended")
    )
    assert row is not None
    assert row["reference"] in page.text
    assert 'href="/omniauth/cognigy?return_to=' in page.text
    form = await browser.post(
        f"/app/accounts/{desk.account_id}/presence", data={"presence": "busy"}
    )
    assert form.status_code in (303, 403)


async def test_whoever_logged_out_here_is_led_to_the_login_page(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    await desk.database.one(
        update(tables.sessions).values(ended_at=desk.clock.now(), ended_because="logout")
    )
    answer = await browser.get(desk.dashboard)
    assert answer.headers["location"].startswith("/login?return_to=")


async def test_an_open_page_hears_of_it_at_once(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    stream = f"/app/accounts/{desk.account_id}/stream"
    listening = asyncio.create_task(browser.get(stream))
    await asyncio.sleep(0.05)
    await tell(desk, RISC + "account-disabled", access_revision=2)
    await desk.app.state.streams.look()
    answer = await asyncio.wait_for(listening, 5)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: ended" in answer.text
    assert (await browser.get(stream)).status_code == 403


async def test_a_page_is_woken_by_the_commit_and_not_by_the_next_look(
    desk: Desk, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("live_agent.sessions.streams.LOOK_EVERY_SECONDS", 3600)
    looking = asyncio.create_task(desk.app.state.streams.run())
    await log_in(desk, browser)
    listening = asyncio.create_task(browser.get(f"/app/accounts/{desk.account_id}/stream"))
    await asyncio.sleep(0.05)
    await tell(desk, RISC + "account-disabled", access_revision=2)
    assert "event: ended" in (await asyncio.wait_for(listening, 10)).text
    looking.cancel()


async def test_somebody_elses_page_hears_nothing(desk: Desk, browser: httpx.AsyncClient):
    other = desk.browser()
    await log_in(desk, browser)
    desk.provider.person |= {"sub": "another", "email": "grace@acme.example", "sid": "sid-2"}
    await log_in(desk, other)
    listening = asyncio.create_task(other.get(f"/app/accounts/{desk.account_id}/stream"))
    await asyncio.sleep(0.05)
    await tell(desk, RISC + "account-disabled", access_revision=2)
    await desk.app.state.streams.look()
    await asyncio.sleep(0.05)
    assert not listening.done()
    listening.cancel()


async def test_a_stream_of_another_account_is_not_there(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    assert (await browser.get("/app/accounts/999/stream")).status_code == 404


async def test_the_page_says_that_the_platform_is_silent(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    desk.provider.answers["/token"] = lambda: Response("down", 503)
    desk.clock.advance(300)
    await browser.get(desk.dashboard)
    await desk.app.state.rechecks.close()
    assert "Cognigy.AI has not answered for a while." in (await browser.get(desk.dashboard)).text
    await desk.app.state.rechecks.close()
    desk.clock.advance(3600)
    page = await browser.get(desk.dashboard)
    assert page.status_code in (303, 403)
    assert SUBJECT not in page.text
