"""The grant of a login that came to nothing does not live on at the provider (RFC 7009)."""

import asyncio

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from support.oauth_desk import Desk, failed_page, log_in
from support.provider import ABSENT, Call
from support.visitor import forms_of

REVOKE = "/revoke"


@pytest.fixture
def revoking(desk: Desk) -> Desk:
    desk.provider.metadata["revocation_endpoint"] = desk.provider.url + REVOKE
    desk.provider.answers[REVOKE] = lambda: Response(status_code=200)
    desk.provider.tokens["refresh_token"] = "rt_of_this_login"
    return desk


async def revocations(desk: Desk) -> list[Call]:
    """After everything that goes on in the background."""
    for _ in range(100):
        if not desk.app.state.provider._revocations:
            break
        await asyncio.sleep(0.02)
    return desk.provider.called(REVOKE)


@pytest.mark.parametrize(
    "person",
    [{"organisation": "0" * 24}, {"roles": []}, {"sub": ABSENT}],
    ids=["organisation unknown", "no role", "nobody"],
)
async def test_the_refresh_token_of_a_refused_login_is_revoked(
    revoking: Desk, browser: httpx.AsyncClient, person: dict[str, object]
):
    revoking.provider.person |= person
    await failed_page(browser, await log_in(revoking, browser))
    (call,) = await revocations(revoking)
    assert call.form["token"] == "rt_of_this_login"
    assert call.form["token_type_hint"] == "refresh_token"
    assert "client_secret" in call.form or "authorization" in call.headers


async def test_a_login_that_succeeds_keeps_its_refresh_token(
    revoking: Desk, browser: httpx.AsyncClient
):
    assert (await log_in(revoking, browser)).headers["location"] == revoking.dashboard
    assert await revocations(revoking) == []


@pytest.mark.parametrize("answer", [Response(status_code=503), JSONResponse({}, 400)])
async def test_a_revocation_that_fails_is_only_logged(
    revoking: Desk, browser: httpx.AsyncClient, answer: Response
):
    revoking.provider.person["roles"] = []
    revoking.provider.answers[REVOKE] = lambda: answer
    page = await failed_page(browser, await log_in(revoking, browser))
    assert page.status_code == 403
    assert len(await revocations(revoking)) == 1
    assert [e for e in revoking.events if e["event"] == "token.not_revoked"]


async def test_without_a_revocation_endpoint_nothing_is_called(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.person["roles"] = []
    await failed_page(browser, await log_in(desk, browser))
    assert await revocations(desk) == []


async def test_a_session_that_is_ended_from_elsewhere_ends_its_grant_too(
    revoking: Desk, browser: httpx.AsyncClient
):
    other = revoking.browser()
    await log_in(revoking, browser)
    revoking.provider.tokens["refresh_token"] = "rt_of_the_other_browser"
    await log_in(revoking, other)
    profile = f"/app/accounts/{revoking.account_id}/profile"
    form = next(
        one for one in forms_of((await browser.get(profile)).text) if "session" in one.fields
    )
    answer = await browser.post(form.action, data=form.fields)
    assert answer.headers["location"].endswith("?done=one")
    (call,) = await revocations(revoking)
    assert call.form["token"] == "rt_of_the_other_browser"
    assert (await other.get(revoking.dashboard)).status_code == 403
