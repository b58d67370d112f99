"""Logging out here, and the offer to log out of Cognigy.AI too (RP-Initiated Logout 1.0)."""

import httpx
import pytest
from starlette.responses import Response

from kernel import jose
from support.oauth_desk import Desk, log_in
from support.provider import ABSENT, CLIENT_ID
from support.visitor import Form, form_with, forms_of

DESK = "http://localhost:3000"


async def log_out(desk: Desk, browser: httpx.AsyncClient) -> httpx.Response:
    """Press "Log out" in the menu; the page that follows."""
    form = form_with(await browser.get(desk.dashboard), to="/logout")
    answer = await browser.post("/logout", data=form.fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/logged-out")
    return await browser.get("/logged-out")


def offer_on(page: httpx.Response) -> Form | None:
    return next((form for form in forms_of(page.text) if "id_token_hint" in form.fields), None)


async def test_a_logout_ends_the_session_for_good(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    stolen = httpx.Cookies(browser.cookies)
    page = await log_out(desk, browser)
    assert page.status_code == 200
    assert "You are logged out" in page.text
    browser.cookies = stolen
    assert (await browser.get(desk.dashboard)).headers["location"].startswith("/login")


async def test_the_platforms_session_may_be_ended_too(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    page = await log_out(desk, browser)
    offer = offer_on(page)
    assert offer is not None
    assert offer.action == f"{desk.provider.url}/logout"
    assert offer.method == "post"
    assert "csrf_token" not in offer.fields, "nothing of ours goes to another site"
    assert offer.fields["client_id"] == CLIENT_ID
    assert offer.fields["post_logout_redirect_uri"] == f"{DESK}/logged-out"
    claims = jose.verify(
        offer.fields["id_token_hint"],
        jose.public_keys(jose.public_jwks(desk.provider.published)),
    )
    assert claims["sid"] == "sid-1"
    policy = page.headers["content-security-policy"]
    assert f"form-action 'self' {desk.provider.url};" in policy


async def test_the_way_back_says_that_both_are_over(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    offer = offer_on(await log_out(desk, browser))
    assert offer is not None
    page = await browser.get("/logged-out", params={"state": offer.fields["state"]})
    assert "Your sessions in Live Agent and Cognigy.AI have ended." in page.text
    again = await browser.get("/logged-out")
    assert offer_on(again) is None


@pytest.mark.parametrize("state", ["", "random", "ü" * 10])
async def test_a_random_state_on_the_way_back_changes_nothing(
    desk: Desk, browser: httpx.AsyncClient, state: str
):
    await log_in(desk, browser)
    await log_out(desk, browser)
    page = await browser.get("/logged-out", params={"state": state})
    assert page.status_code == 200
    assert "Cognigy.AI have ended" not in page.text


async def test_the_page_alone_offers_nothing(desk: Desk, browser: httpx.AsyncClient):
    page = await browser.get("/logged-out")
    assert page.status_code == 200
    assert offer_on(page) is None
    assert 'href="/login"' in page.text


async def test_a_very_long_id_token_is_left_out_of_the_offer(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.claims["padding"] = "x" * 4000
    await log_in(desk, browser)
    page = await log_out(desk, browser)
    form = form_with(page, "post_logout_redirect_uri")
    assert "id_token_hint" not in form.fields


async def test_without_a_discovered_endpoint_it_is_the_platforms(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.metadata["end_session_endpoint"] = ABSENT
    await log_in(desk, browser)
    offer = offer_on(await log_out(desk, browser))
    assert offer is not None
    assert offer.action == f"{desk.provider.url}/auth/oauth2/logout"


async def test_the_page_is_shown_also_when_the_provider_is_down(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    desk.clock.advance(3601)
    desk.provider.answers["/.well-known/openid-configuration"] = lambda: Response(status_code=500)
    offer = offer_on(await log_out(desk, browser))
    assert offer is not None
    assert offer.action == f"{desk.provider.url}/logout", "what it said before serves for a day"


async def test_a_foreign_page_cannot_log_anybody_out(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    form = form_with(await browser.get(desk.dashboard), to="/logout")
    foreign = await browser.post(
        "/logout", data=form.fields, headers={"origin": "https://evil.example"}
    )
    bare = await browser.post("/logout", data={"csrf_token": "guessed"})
    assert (foreign.status_code, bare.status_code) == (403, 403)
    assert (await browser.get("/logout")).status_code == 405
    assert (await browser.get(desk.dashboard)).status_code == 200


async def test_a_second_click_on_log_out_is_no_error(desk: Desk, browser: httpx.AsyncClient):
    """Nor is the button on a page whose session has run out: there is nothing left to protect."""
    await log_in(desk, browser)
    form = form_with(await browser.get(desk.dashboard), to="/logout")
    first = await browser.post("/logout", data=form.fields)
    second = await browser.post("/logout", data=form.fields)
    assert first.headers["location"] == second.headers["location"] == "/logged-out"
