"""prompt, max_age and id_token_hint: what has to happen before there is a code.

OpenID Connect Core section 3.1.2.1.
"""

import httpx
import pytest

from support.clock import FrozenClock
from support.relying_party import PASSWORD, RelyingParty, answer_of, form_of

ADA = {"email": "ada@acme.example", "password": PASSWORD}


async def test_prompt_none_never_shows_a_page(desk: RelyingParty) -> None:
    refused = await desk.authorize(prompt="none")
    assert answer_of(refused)["error"] == "login_required"
    await desk.log_in()
    assert "code" in answer_of(await desk.authorize(prompt="none"))


async def test_prompt_login_asks_again_and_the_login_is_a_later_one(
    signed_in: RelyingParty, clock: FrozenClock
) -> None:
    before = (await signed_in.claims((await signed_in.tokens())["id_token"]))["auth_time"]
    clock.advance(100)
    assert "code" in answer_of(await signed_in.log_in(prompt="login"))
    after = (await signed_in.claims((await signed_in.redeem()).json()["id_token"]))["auth_time"]
    assert after == before + 100


@pytest.mark.parametrize(("max_age", "asked"), [("99", True), ("100", False), ("0", True)])
async def test_max_age_asks_for_a_younger_login(
    signed_in: RelyingParty, clock: FrozenClock, max_age: str, *, asked: bool
) -> None:
    clock.advance(100)
    answer = await signed_in.authorize(max_age=max_age)
    assert (answer.status_code == 200) is asked
    silent = answer_of(await signed_in.authorize(max_age=max_age, prompt="none"))
    assert silent.get("error") == ("login_required" if asked else None)


async def test_max_age_zero_is_satisfied_by_the_login_that_it_asked_for(
    signed_in: RelyingParty,
) -> None:
    assert "code" in answer_of(await signed_in.log_in(max_age="0"))


async def test_select_account_offers_this_account_and_another_one(
    signed_in: RelyingParty,
) -> None:
    to_page = await signed_in.authorize(prompt="select_account")
    assert to_page.headers["location"].startswith("/login/account?ticket=")
    shown = await signed_in.http.get(to_page.headers["location"])
    assert "Continue as Ada King" in shown.text
    assert "prompt=login" in shown.text
    assert (
        "form-action 'self' https://desk.example.com;" in (shown.headers["content-security-policy"])
    )
    assert "code" in answer_of(await signed_in.submit(shown))


async def test_select_account_without_a_session_is_a_login(desk: RelyingParty) -> None:
    assert "code" in answer_of(await desk.log_in(prompt="select_account"))


async def consent_page(party: RelyingParty, answer: httpx.Response) -> httpx.Response:
    assert answer.headers["location"].startswith("/login/consent?ticket="), answer.text
    return await party.http.get(answer.headers["location"])


async def test_a_client_that_asks_gets_nothing_before_the_consent(
    some_app: RelyingParty,
) -> None:
    shown = await consent_page(some_app, await some_app.log_in())
    assert "Your e-mail address" in shown.text
    assert "Your roles" not in shown.text
    silent = answer_of(await some_app.authorize(prompt="none"))
    assert silent["error"] == "consent_required"
    assert "code" in answer_of(await some_app.submit(shown, decision="allow"))
    assert "code" in answer_of(await some_app.authorize(prompt="none"))


async def test_more_scopes_ask_anew_and_fewer_do_not(some_app: RelyingParty) -> None:
    shown = await consent_page(some_app, await some_app.log_in())
    await some_app.submit(shown, decision="allow")
    assert "code" in answer_of(await some_app.authorize(scope="openid", prompt="none"))
    more = await some_app.authorize(scope="openid email roles", prompt="none")
    assert answer_of(more)["error"] == "consent_required"


@pytest.mark.parametrize("decision", ["deny", None, "ALLOW"])
async def test_anything_but_allow_is_a_refusal(
    some_app: RelyingParty, decision: str | None
) -> None:
    shown = await consent_page(some_app, await some_app.log_in())
    told = answer_of(await some_app.submit(shown, decision=decision))
    assert (told["error"], told["state"]) == ("access_denied", "the-state")


async def test_prompt_consent_asks_even_where_it_is_implicit(signed_in: RelyingParty) -> None:
    shown = await consent_page(signed_in, await signed_in.authorize(prompt="consent"))
    assert "code" in answer_of(await signed_in.submit(shown, decision="allow"))


async def test_login_and_consent_follow_each_other(signed_in: RelyingParty) -> None:
    after_login = await signed_in.log_in(prompt="login consent")
    shown = await consent_page(signed_in, after_login)
    assert "code" in answer_of(await signed_in.submit(shown, decision="allow"))


async def test_a_ticket_is_for_ten_minutes_and_then_starts_again(
    signed_in: RelyingParty, clock: FrozenClock
) -> None:
    to_page = await signed_in.authorize(prompt="consent", max_age="3600")
    shown = await signed_in.http.get(to_page.headers["location"])
    clock.advance(600)
    answer = await signed_in.submit(shown, decision="allow")
    assert answer.headers["location"].startswith("/auth/oauth2/authorize?")


async def test_a_ticket_is_for_the_session_that_it_was_made_in(
    signed_in: RelyingParty, other_browser: httpx.AsyncClient
) -> None:
    """Lesson 55: what one browser began, another one does not end."""
    to_page = await signed_in.authorize(prompt="consent")
    eve = RelyingParty(other_browser, "desk", None, signed_in.redirect_uri)
    await eve.log_in("eve@globex.example")
    answer = await other_browser.get(to_page.headers["location"])
    assert answer.headers["location"].startswith("/auth/oauth2/authorize?")


async def test_a_stale_consent_form_is_shown_again_and_not_carried_out(
    some_app: RelyingParty,
) -> None:
    shown = await consent_page(some_app, await some_app.log_in())
    answer = await some_app.submit(shown, decision="allow", csrf_token="stale")
    assert answer.headers["location"] == form_of(shown)[0]
    silent = answer_of(await some_app.authorize(prompt="none"))
    assert silent["error"] == "consent_required"


async def test_an_id_token_hint_of_somebody_else_is_no_silent_login(
    signed_in: RelyingParty, clock: FrozenClock
) -> None:
    hint = (await signed_in.tokens())["id_token"]
    clock.advance(30 * 24 * 3600)  # an expired hint is still a hint
    await signed_in.log_in("ben@acme.example", prompt="login")
    silent = await signed_in.authorize(prompt="none", id_token_hint=hint)
    assert answer_of(silent)["error"] == "login_required"
    shown = await signed_in.authorize(id_token_hint=hint)
    assert "code" in answer_of(await signed_in.submit(shown, **ADA))
    assert "code" in answer_of(await signed_in.authorize(prompt="none", id_token_hint=hint))


async def test_a_hinted_person_who_does_not_come_is_told_once(signed_in: RelyingParty) -> None:
    """Nothing loops: the wrong person signed in, and the client hears it."""
    hint = (await signed_in.tokens())["id_token"]
    shown = await signed_in.authorize(prompt="login", id_token_hint=hint)
    told = answer_of(await signed_in.submit(shown, email="ben@acme.example", password=PASSWORD))
    assert told["error"] == "login_required"


async def test_a_hint_for_another_client_is_refused(
    signed_in: RelyingParty, some_app: RelyingParty
) -> None:
    hint = (await signed_in.tokens())["id_token"]
    assert answer_of(await some_app.authorize(id_token_hint=hint))["error"] == "invalid_request"


async def test_a_session_ends_with_its_time(signed_in: RelyingParty, clock: FrozenClock) -> None:
    clock.advance(43_200)
    assert answer_of(await signed_in.authorize(prompt="none"))["error"] == "login_required"
