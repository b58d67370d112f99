"""POST /omniauth/cognigy/backchannel-logout: other providers tell of a logout this way."""

from typing import Any

import httpx
import pytest

from support.event_tokens import logout_claims, signed
from support.oauth_desk import Desk, log_in
from support.provider import ABSENT, CLIENT_ID, SUBJECT, without_absent

ADDRESS = "/omniauth/cognigy/backchannel-logout"


async def post(desk: Desk, token: str) -> httpx.Response:
    async with desk.browser() as provider:
        return await provider.post(ADDRESS, data={"logout_token": token})


def claims_of(desk: Desk, **whose: str) -> dict[str, Any]:
    return logout_claims(desk.provider.url, CLIENT_ID, desk.clock.now(), **whose)


async def is_in(desk: Desk, browser: httpx.AsyncClient) -> bool:
    return (await browser.get(desk.dashboard)).status_code == 200


@pytest.mark.parametrize(
    "whose", [{"sid": "sid-1"}, {"sub": SUBJECT}, {"sub": SUBJECT, "sid": "sid-1"}]
)
@pytest.mark.parametrize("typ", ["logout+jwt", "JWT"])
async def test_a_logout_at_the_provider_ends_the_session(
    desk: Desk, browser: httpx.AsyncClient, whose: dict[str, str], typ: str
):
    await log_in(desk, browser)
    answer = await post(desk, signed(desk.provider.key, claims_of(desk, **whose), typ))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert not await is_in(desk, browser)


async def test_a_session_of_another_sid_stays(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    known = await post(desk, signed(desk.provider.key, claims_of(desk, sub=SUBJECT, sid="other")))
    unknown = await post(desk, signed(desk.provider.key, claims_of(desk, sid="nobody")))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert await is_in(desk, browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody-else"},
        {"aud": ABSENT},
        {"iat": ABSENT},
        {"iat": 1},
        {"exp": 2},
        {"exp": "later"},
        {"jti": ABSENT},
        {"nonce": "n"},
        {"events": ABSENT},
        {"events": {"http://schemas.openid.net/event/another": {}}},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": "yes"}},
        {"sid": ABSENT, "sub": ABSENT},
        {"sid": 7, "sub": ABSENT},
    ],
    ids=list("abcdefghijklmn"),
)
async def test_a_token_that_is_wrong_in_one_thing_ends_nothing(
    desk: Desk, browser: httpx.AsyncClient, changes: dict[str, Any]
):
    """Lesson 44."""
    await log_in(desk, browser)
    claims = without_absent(claims_of(desk, sid="sid-1") | changes)
    answer = await post(desk, signed(desk.provider.key, claims, "logout+jwt"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert await is_in(desk, browser)


async def test_a_token_works_once(desk: Desk, browser: httpx.AsyncClient):
    token = signed(desk.provider.key, claims_of(desk, sid="sid-1"), "logout+jwt")
    assert (await post(desk, token)).status_code == 200
    await log_in(desk, browser)
    assert (await post(desk, token)).status_code == 200
    assert await is_in(desk, browser)


async def test_an_empty_request_is_refused(desk: Desk):
    assert (await post(desk, "")).status_code == 400
