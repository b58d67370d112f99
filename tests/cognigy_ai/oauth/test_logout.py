"""RP-Initiated Logout 1.0, and the logout of our own pages."""

from typing import Any

import httpx
import pytest

from kernel.jose import new_key, sign
from support.clock import FrozenClock
from support.relying_party import RelyingParty, answer_of, form_of

LOGOUT = "/auth/oauth2/logout"
BYE = "https://desk.example.com/logged-out"


@pytest.fixture
async def held(signed_in: RelyingParty) -> dict[str, Any]:
    """The tokens that the desk holds."""
    return await signed_in.tokens()


def request(held: dict[str, Any], **changes: str | None) -> dict[str, str]:
    """A logout request that passes, with the changes."""
    good: dict[str, str | None] = {
        "id_token_hint": held["id_token"],
        "client_id": "desk",
        "post_logout_redirect_uri": BYE,
        "state": "the state&1",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


async def is_signed_in(party: RelyingParty) -> bool:
    return "code" in answer_of(await party.authorize(prompt="none"))


async def test_the_applications_logout_ends_session_and_grants(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    cookies = dict(signed_in.http.cookies)
    answer = await signed_in.http.get(LOGOUT, params=request(held))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(BYE + "?state=")
    assert answer_of(answer) == {"state": "the state&1"}
    assert not await is_signed_in(signed_in)
    signed_in.http.cookies.update(cookies)
    assert not await is_signed_in(signed_in)  # the old cookie is dead, not only gone
    assert (await signed_in.userinfo(held["access_token"])).status_code == 401
    assert (await signed_in.refresh(held["refresh_token"])).status_code == 400


async def test_a_form_of_the_applications_site_comes_without_cookies(
    signed_in: RelyingParty, held: dict[str, Any], other_browser: httpx.AsyncClient
) -> None:
    """The session is found by the `sid` of the hint."""
    headers = {"origin": "https://desk.example.com"}
    answer = await other_browser.post(LOGOUT, data=request(held), headers=headers)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(BYE)
    assert not await is_signed_in(signed_in)


async def test_an_expired_hint_is_a_hint(
    signed_in: RelyingParty, held: dict[str, Any], clock: FrozenClock
) -> None:
    clock.advance(3600)
    await signed_in.http.get(LOGOUT, params=request(held))
    assert not await is_signed_in(signed_in)


async def test_logging_out_twice_leads_back_as_well(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    for _ in range(2):
        answer = await signed_in.http.get(LOGOUT, params=request(held))
        assert answer.headers["location"].startswith(BYE)


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        BYE + "/",
        BYE + "?x=1",
        "https://desk.example.com.evil.example/logged-out",
        "https://app.example.com/bye",
        "//evil.example",
        "javascript:alert(1)",
    ],
)
async def test_only_a_registered_page_is_gone_back_to(
    signed_in: RelyingParty, held: dict[str, Any], uri: str
) -> None:
    """No open redirector (RFC 9700 section 4.11)."""
    changes = {"post_logout_redirect_uri": uri}
    answer = await signed_in.http.get(LOGOUT, params=request(held, **changes))
    assert answer.headers["location"] == "/logged-out"
    assert not await is_signed_in(signed_in)


async def forged(kind: str, held: dict[str, Any], party: RelyingParty) -> str:
    """A hint that we did not sign."""
    header, payload, signature = held["id_token"].split(".")
    claims = await party.claims(held["id_token"])
    return {
        "none": f"eyJhbGciOiJub25lIn0.{payload}.",
        "modified": f"{header}.{payload[:-2]}AA.{signature}",
        "other_key": sign(new_key("ES256"), claims),
        "nonsense": "x",
    }[kind]


@pytest.mark.parametrize("kind", ["none", "modified", "other_key", "nonsense"])
async def test_a_forged_hint_asks_the_person_and_leads_nowhere(
    signed_in: RelyingParty, held: dict[str, Any], kind: str
) -> None:
    hint = await forged(kind, held, signed_in)
    shown = await signed_in.http.get(LOGOUT, params=request(held, id_token_hint=hint))
    assert shown.status_code == 200
    assert "Sign out of Cognigy.AI?" in shown.text
    assert await is_signed_in(signed_in)
    answer = await signed_in.submit(shown)
    assert answer.headers["location"] == "/logged-out"


async def test_without_a_hint_the_person_is_asked(signed_in: RelyingParty) -> None:
    shown = await signed_in.http.get(LOGOUT, params=request({"id_token": None}))
    assert "Sign out of Cognigy.AI?" in shown.text
    assert (
        "form-action 'self' https://desk.example.com;" in (shown.headers["content-security-policy"])
    )
    assert await is_signed_in(signed_in)
    answer = await signed_in.submit(shown)
    assert answer.headers["location"].startswith(BYE + "?state=")
    assert not await is_signed_in(signed_in)


async def test_a_hint_of_another_session_asks_the_person(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    """Nobody is logged out by a link with somebody else's token."""
    await signed_in.log_in("ben@acme.example", prompt="login")
    shown = await signed_in.http.get(LOGOUT, params=request(held))
    assert "Sign out of Cognigy.AI?" in shown.text
    assert await is_signed_in(signed_in)


async def test_a_client_id_that_the_hint_does_not_have_is_refused(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    answer = await signed_in.http.get(LOGOUT, params=request(held, client_id="app"))
    assert answer.status_code == 400
    assert await is_signed_in(signed_in)


async def test_another_token_of_ours_is_no_hint(
    signed_in: RelyingParty, held: dict[str, Any]
) -> None:
    shown = await signed_in.http.get(
        LOGOUT, params=request(held, id_token_hint=held["access_token"])
    )
    assert "Sign out of Cognigy.AI?" in shown.text


async def test_nobody_signed_in_is_told_so(http: httpx.AsyncClient) -> None:
    answer = await http.get(LOGOUT)
    assert answer.headers["location"] == "/logged-out"
    assert "You are signed out" in (await http.get("/logged-out")).text


async def test_our_own_logout_needs_the_pages_token(signed_in: RelyingParty) -> None:
    """Lesson 32: a foreign page cannot log anybody out."""
    refused = await signed_in.http.post("/logout", data={"csrf_token": "x"})
    assert refused.status_code == 403
    assert await is_signed_in(signed_in)
    shown = await signed_in.http.get(LOGOUT)
    action, hidden = form_of(shown)
    answer = await signed_in.http.post(action, data=hidden | {"target": "https://evil.example"})
    assert answer.headers["location"] == "/logged-out"
    assert not await is_signed_in(signed_in)


async def test_the_question_keeps_its_answer_for_ten_minutes(
    signed_in: RelyingParty, clock: FrozenClock
) -> None:
    shown = await signed_in.http.get(LOGOUT, params=request({"id_token": None}))
    clock.advance(600)
    answer = await signed_in.submit(shown)
    assert answer.headers["location"] == "/logged-out"


async def test_the_logout_of_one_session_leaves_the_other_ones(
    signed_in: RelyingParty, held: dict[str, Any], other_browser: httpx.AsyncClient
) -> None:
    elsewhere = RelyingParty(other_browser, "desk", signed_in.client_secret, signed_in.redirect_uri)
    await elsewhere.log_in()
    other = (await elsewhere.redeem()).json()
    await signed_in.http.get(LOGOUT, params=request(held))
    assert await is_signed_in(elsewhere)
    assert (await elsewhere.userinfo(other["access_token"])).status_code == 200
