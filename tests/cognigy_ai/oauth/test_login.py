"""The login page: what it shows, what it takes, what it never does."""

import re

import httpx
import pytest

from support.clock import FrozenClock
from support.relying_party import PASSWORD, RelyingParty, answer_of, form_of

ADA = {"email": "ada@acme.example", "password": PASSWORD}


async def test_the_page_says_which_application_asks(desk: RelyingParty) -> None:
    shown = await desk.authorize(login_hint="ada@acme.example")
    assert "<title>Sign in" in shown.text
    assert "to continue to Live Agent" in shown.text
    assert 'autocomplete="username"' in shown.text
    assert 'autocomplete="current-password"' in shown.text
    assert 'value="ada@acme.example"' in shown.text


async def test_an_applications_name_is_text(some_app: RelyingParty) -> None:
    shown = await some_app.authorize()
    assert "Some <b>App</b>" not in shown.text
    assert "Some &lt;b&gt;App&lt;/b&gt;" in shown.text


@pytest.mark.parametrize(("language", "title"), [("de", "Anmelden"), ("ja", "サインイン")])
async def test_the_page_speaks_the_readers_language(
    desk: RelyingParty, language: str, title: str
) -> None:
    desk.http.headers["accept-language"] = language
    shown = await desk.authorize()
    assert f'<html lang="{language}"' in shown.text
    assert title in shown.text


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "not-the-password"},
        {"email": "nobody@acme.example"},
        {"email": "nobody@acme.example", "password": "not-the-password"},
        {"password": PASSWORD.upper()},
    ],
)
async def test_a_refusal_shows_the_page_again_without_the_password(
    desk: RelyingParty, changes: dict[str, str]
) -> None:
    fields = ADA | changes | {"keep": "1"}
    answer = await desk.submit(await desk.authorize(), **fields)
    assert answer.status_code == 400
    assert "E-mail or password is wrong" in answer.text
    assert 'role="alert"' in answer.text
    assert f'value="{fields["email"]}"' in answer.text
    assert 'name="keep" value="1" checked' in answer.text
    assert fields["password"] not in answer.text
    assert "session" not in str(answer.headers.get_list("set-cookie"))


async def test_the_page_shown_again_works(desk: RelyingParty) -> None:
    again = await desk.submit(await desk.authorize(), **ADA | {"password": "wrong"})
    assert "code" in answer_of(await desk.submit(again, **ADA))


@pytest.mark.parametrize("missing", ["email", "password"])
async def test_an_empty_form_does_not_advance_the_login(desk: RelyingParty, missing: str) -> None:
    """Lesson 58: an empty POST or a skipped step does not advance the login."""
    shown = await desk.authorize()
    answer = await desk.submit(shown, **ADA | {missing: ""})
    assert answer.status_code == 400
    assert "Enter your e-mail address and your password." in answer.text
    assert answer_of(await desk.authorize(prompt="none"))["error"] == "login_required"


async def test_a_step_cannot_be_reached_by_its_address(desk: RelyingParty) -> None:
    """Lesson 58: account and consent pages need the ticket of a login."""
    for path in ("/login/account", "/login/consent"):
        for ticket in ("", "?ticket=", "?ticket=invented"):
            answer = await desk.http.get(path + ticket)
            assert answer.status_code == 400
            assert "location" not in answer.headers


async def test_a_form_without_its_token_is_shown_anew_and_not_carried_out(
    desk: RelyingParty,
) -> None:
    """Lessons 32 and 67: no other page logs somebody in."""
    shown = await desk.authorize()
    answer = await desk.submit(shown, **ADA | {"csrf_token": "stale"})
    assert answer.status_code == 403
    assert "This page was out of date" in answer.text
    assert 'value="ada@acme.example"' in answer.text
    assert PASSWORD not in answer.text
    assert "session" not in str(answer.headers.get_list("set-cookie"))
    assert "code" in answer_of(await desk.submit(answer, **ADA))


async def test_the_form_of_another_browser_is_worth_nothing(
    desk: RelyingParty, other_browser: httpx.AsyncClient
) -> None:
    """Lesson 55: nobody else goes on with a login, nor pushes his own to somebody."""
    shown = await desk.authorize()
    await other_browser.get("/login")
    action, hidden = form_of(shown)
    answer = await other_browser.post(action, data=hidden | ADA)
    assert answer.status_code == 403
    assert "code" not in answer_of(answer)


async def test_a_form_of_another_origin_is_worth_nothing(desk: RelyingParty) -> None:
    action, hidden = form_of(await desk.authorize())
    headers = {"origin": "https://evil.example"}
    answer = await desk.http.post(action, data=hidden | ADA, headers=headers)
    assert answer.status_code == 403


async def test_the_request_is_checked_again_when_the_form_comes(desk: RelyingParty) -> None:
    """Nothing in the address is believed because a page of ours was shown for it."""
    action, hidden = form_of(await desk.authorize())
    changed = action.replace("desk.example.com", "evil.example.com")
    answer = await desk.http.post(changed, data=hidden | ADA)
    assert "location" not in answer.headers
    assert "Something is wrong with the OAuth configuration" in answer.text


async def test_neither_code_nor_name_stays_in_an_address_of_ours(desk: RelyingParty) -> None:
    """Lesson 69: what is typed goes by POST, and the answer is a redirect away from here."""
    shown = await desk.authorize()
    action, _ = form_of(shown)
    assert "ada" not in action
    answer = await desk.submit(shown, **ADA)
    assert answer.status_code == 303
    assert "ada" not in answer.headers["location"]
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_the_session_cookie_is_host_bound_and_new_at_each_login(desk: RelyingParty) -> None:
    """Lesson 39: no session can be prepared for somebody; issue 2 part 3."""
    first = await desk.log_in()
    (cookie,) = [c for c in first.headers.get_list("set-cookie") if "_session=" in c]
    assert cookie.startswith("__Host-ai_session=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie
    second = await desk.log_in(prompt="login")
    (other,) = [c for c in second.headers.get_list("set-cookie") if "_session=" in c]
    assert other.split(";")[0] != cookie.split(";")[0]


async def test_keep_me_signed_in_outlives_the_browser(desk: RelyingParty) -> None:
    answer = await desk.submit(await desk.authorize(), **ADA | {"keep": "1"})
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if "_session=" in c]
    assert "Max-Age=2592000" in cookie


async def test_a_lock_counts_down_without_javascript(
    desk: RelyingParty, clock: FrozenClock
) -> None:
    shown = await desk.authorize()
    for _ in range(6):
        shown = await desk.submit(shown, **ADA | {"password": "wrong"})
    assert shown.status_code == 429
    assert "There were too many attempts" in shown.text
    wait = int(shown.headers["retry-after"])
    assert shown.headers["refresh"] == str(wait)
    assert re.search(rf'data-countdown="{wait}"', shown.text)
    locked = await desk.submit(shown, **ADA)
    assert locked.status_code == 429
    clock.advance(wait + 1)
    assert "code" in answer_of(await desk.submit(await desk.authorize(), **ADA))


async def test_somebody_already_signed_in_is_not_asked_again(
    http: httpx.AsyncClient, signed_in: RelyingParty
) -> None:
    answer = await http.get("/login", params={"return_to": "/help"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/help")


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/\t/x"]
)
async def test_the_plain_login_leads_to_pages_of_ours_only(desk: RelyingParty, target: str) -> None:
    """RFC 9700 section 4.11: no open redirector (lesson 71, at this side)."""
    shown = await desk.http.get("/login", params={"return_to": target})
    answer = await desk.submit(shown, **ADA)
    assert answer.headers["location"] == "/profile"


async def test_the_address_may_choose_the_organisation(desk: RelyingParty) -> None:
    """`organisationId` in any case; the wrong one is as good as a wrong password."""
    for name in ("organisationId", "organisationid", "ORGANISATIONID"):
        shown = await desk.authorize(**{name: "b" * 24, "prompt": "login"})
        assert (await desk.submit(shown, **ADA)).status_code == 400
    assert "code" in answer_of(await desk.log_in(organisationId="a" * 24))


async def test_a_session_of_another_organisation_does_not_answer_for_this_one(
    signed_in: RelyingParty,
) -> None:
    """Lesson 30: the organisation is the one that was asked for."""
    assert (await signed_in.authorize(organisationId="b" * 24)).status_code == 200
    silent = await signed_in.authorize(organisationId="b" * 24, prompt="none")
    assert answer_of(silent)["error"] == "login_required"


async def test_two_people_after_each_other_never_share_a_session(desk: RelyingParty) -> None:
    """Lesson 38: the second one is the second one."""
    await desk.log_in()
    await desk.log_in("ben@acme.example", prompt="login")
    claims = await desk.claims((await desk.redeem()).json()["id_token"])
    assert claims["email"] == "ben@acme.example"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("client_id=desk", "client_id=nobody"), 500),
        (("client_id=desk", "client_id=desk&client_id=desk"), 403),
        (("response_type=code", "response_type=token"), 303),
    ],
)
async def test_a_stale_form_at_a_broken_address_is_an_ordinary_refusal(
    desk: RelyingParty, change: tuple[str, str], status: int
) -> None:
    action, _ = form_of(await desk.authorize())
    answer = await desk.http.post(action.replace(*change), data=ADA | {"csrf_token": "stale"})
    assert answer.status_code == status
    assert "code" not in answer_of(answer)
