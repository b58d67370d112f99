"""The steps between the password and the session, as a browser meets them."""

import asyncio
import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
from sqlalchemy import select, update

from cognigy_ai.db.tables import audit_events, sessions, users
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.users import actions as people
from cognigy_ai.users.rules import User
from support.platform import ACME, BASE, OUTBOX, PASSWORD, Platform, digest_of
from support.two_step import code_at, switch_on, wrong_code
from support.visitor import forms_of

GLOBEX = "b" * 24
OTHER = "violet tractor umbrella 55"
SESSIONS = select(sessions.c.amr)
SET_UP_EVENTS = select(audit_events).where(audit_events.c.event == "second_factor.set_up")
MUST_CHANGE = update(users).values(must_change_password=1)
ADA = {"email": "ada@acme.example", "password": PASSWORD}


@pytest.fixture
async def browser(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with acme.browser() as one:
        yield one


@pytest.fixture
async def ada(acme: Platform) -> User:
    return await acme.add_user()


@pytest.fixture
async def codes(acme: Platform, ada: User) -> tuple[str, ...]:
    """Ada has two-step login."""
    return await switch_on(acme, ada)


async def send(browser: httpx.AsyncClient, page: httpx.Response, **fields: str) -> httpx.Response:
    """The form of the page that takes these fields, filled in, and where it leads."""
    form = next(form for form in forms_of(page.text) if form.names.issuperset(fields))
    answer = await browser.post(form.action, data=form.fields | fields, headers={"origin": BASE})
    if answer.status_code == 303 and "/login/" in answer.headers["location"]:
        return await browser.get(answer.headers["location"])
    return answer


async def log_in(
    browser: httpx.AsyncClient, path: str = "/login", **changes: str
) -> httpx.Response:
    return await send(browser, await browser.get(path), **ADA | changes)


async def amr_of_sessions(platform: Platform) -> list[str]:
    return [row["amr"] for row in await platform.database.all(SESSIONS)]


async def require_two_step(platform: Platform) -> None:
    async with platform.database.transaction() as tx:
        await organisations.set_two_step_required(tx, ACME, required=True, now=platform.now)


def shown_secret(page: httpx.Response) -> str:
    found = re.search(r"<code>([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})</code>", page.text)
    assert found is not None, page.text
    return found[1].replace(" ", "")


# --- the code ---------------------------------------------------------------------------------


async def test_the_code_is_asked_before_there_is_a_session(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    asked = await log_in(browser)
    assert asked.url.path == "/login/code"
    assert 'autocomplete="one-time-code"' in asked.text
    assert asked.headers["cache-control"] == "no-store"
    assert await amr_of_sessions(acme) == []
    done = await send(browser, asked, code=code_at(acme.now))
    assert done.headers["location"] == "/profile"
    assert await amr_of_sessions(acme) == ["pwd otp mfa"]
    assert (await browser.get("/profile")).status_code == 200


async def test_a_recovery_code_opens_too(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    asked = await log_in(browser)
    done = await send(browser, asked, recovery_code=codes[0].lower())
    assert done.headers["location"] == "/profile"
    assert await amr_of_sessions(acme) == ["pwd mfa"]


async def test_a_wrong_code_is_told_and_the_page_works_on(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    asked = await log_in(browser)
    again = await send(browser, asked, code=wrong_code(acme.now))
    assert again.status_code == 400
    assert "This code is not right" in again.text
    assert 'role="alert"' in again.text
    done = await send(browser, again, code=code_at(acme.now))
    assert done.headers["location"] == "/profile"


async def test_an_empty_form_does_not_advance(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    """Lesson 58."""
    asked = await log_in(browser)
    for fields in ({"code": ""}, {"code": "   "}, {"recovery_code": ""}):
        again = await send(browser, asked, **fields)
        assert again.status_code == 400
        assert "Type the six digits" in again.text
    assert await amr_of_sessions(acme) == []


async def test_a_replayed_code_gets_nobody_in(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    await send(browser, await log_in(browser), code=code_at(acme.now))
    async with acme.browser() as other:
        replayed = await send(other, await log_in(other), code=code_at(acme.now))
        assert replayed.status_code == 400
    assert len(await amr_of_sessions(acme)) == 1


async def test_of_two_browsers_with_one_code_exactly_one_gets_in(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    async with acme.browser() as other:
        pages = [await log_in(browser), await log_in(other)]
        code = code_at(acme.now)
        both = await asyncio.gather(
            *(send(b, p, code=code) for b, p in zip((browser, other), pages, strict=True))
        )
    assert sorted(answer.status_code for answer in both) == [303, 400]
    assert len(await amr_of_sessions(acme)) == 1


async def test_guessing_is_locked_for_the_person_in_every_browser(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    asked = await log_in(browser)
    for _ in range(6):
        asked = await send(browser, asked, code=wrong_code(acme.now))
    assert asked.status_code == 429
    assert asked.headers["retry-after"] == asked.headers["refresh"] == "30"
    async with acme.browser() as other:
        there = await send(other, await log_in(other), code=code_at(acme.now))
        assert there.status_code == 429
        assert (await send(other, there, recovery_code=codes[0])).status_code == 429
        acme.clock.advance(31)
        done = await send(other, there, code=code_at(acme.now))
        assert done.headers["location"] == "/profile"


# --- nothing is skipped -------------------------------------------------------------------------

STEPS = ("organisation", "code", "two-step", "recovery-codes", "recovery-codes.txt", "new-password")


@pytest.mark.parametrize("step", STEPS)
async def test_no_step_is_reached_by_its_address(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...], step: str
) -> None:
    """Lesson 58: without a password there is no step."""
    shown = await browser.get(f"/login/{step}")
    assert shown.status_code == 400
    assert 'name="password"' in shown.text
    assert "secret" not in shown.text


@pytest.mark.parametrize("step", [step for step in STEPS if step != "code"])
async def test_another_step_leads_back_to_the_one_that_is_due(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...], step: str
) -> None:
    await acme.database.one(MUST_CHANGE)
    asked = await log_in(browser)
    form = forms_of(asked.text)[0]
    answers = [await browser.get(f"/login/{step}")]
    if not step.endswith(".txt"):
        fields = form.fields | {"password": OTHER, "organisation": ACME, "code": "123456"}
        answers.append(await browser.post(f"/login/{step}", data=fields))
    for answer in answers:
        assert (answer.status_code, answer.headers["location"]) == (303, "/login/code")
    assert await amr_of_sessions(acme) == []
    async with acme.browser() as other:  # the password is still the old one
        assert (await log_in(other)).url.path == "/login/code"


async def test_half_a_login_is_not_signed_in(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    await log_in(browser)
    answer = await browser.get("/profile")
    assert answer.headers["location"].startswith("/login?")
    assert 'name="password"' in (await browser.get("/login")).text


async def opened_with(platform: Platform, *cookies: tuple[str, str]) -> int:
    """The status of the code page in a browser that has these cookies."""
    async with platform.browser() as other:
        header = "; ".join(f"{name}={value}" for name, value in cookies)
        return (await other.get("/login/code", headers={"cookie": header})).status_code


async def test_the_login_of_another_browser_is_worth_nothing(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    """The sealed cookie belongs to the browser that typed the password, and cannot be altered."""
    await log_in(browser)
    entry = next(cookie for cookie in browser.cookies.items() if cookie[0].endswith("_entry"))
    mark = next(cookie for cookie in browser.cookies.items() if cookie[0].endswith("_browser"))
    assert await opened_with(acme, entry, mark) == 200
    assert await opened_with(acme, entry) == 400
    assert await opened_with(acme, entry, (mark[0], "x" * 43)) == 400
    assert await opened_with(acme, (entry[0], entry[1][:-4] + "AAAA"), mark) == 400


async def test_a_login_under_way_ends_after_ten_minutes(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    asked = await log_in(browser)
    acme.clock.advance(601)
    form = forms_of(asked.text)[0]
    late = await browser.post("/login/code", data=form.fields | {"code": code_at(acme.now)})
    assert late.status_code == 400
    assert "It took longer than ten minutes" in late.text
    assert await amr_of_sessions(acme) == []


async def change_password(platform: Platform, user: User) -> None:
    digest = await digest_of(OTHER)
    async with platform.database.transaction() as tx:
        await people.set_password(tx, user.id, digest, platform.now)


async def disable(platform: Platform, user: User) -> None:
    async with platform.database.transaction() as tx:
        await people.disable(tx, user.id, platform.now)


async def suspend(platform: Platform, user: User) -> None:
    async with platform.database.transaction() as tx:
        await organisations.suspend(tx, OUTBOX, user.organisation_id, platform.now)


@pytest.mark.parametrize("change", [change_password, disable, suspend], ids=lambda f: f.__name__)
async def test_what_ends_access_ends_a_login_under_way(
    acme: Platform,
    browser: httpx.AsyncClient,
    ada: User,
    codes: tuple[str, ...],
    change: object,
) -> None:
    asked = await log_in(browser)
    await change(acme, ada)  # type: ignore[operator]
    over = await send(browser, asked, code=code_at(acme.now))
    assert over.status_code == 400
    assert "This sign-in" not in over.headers.get("location", "")
    assert await amr_of_sessions(acme) == []


async def test_a_password_proves_nothing_for_another_request(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    asked = await log_in(browser, "/login?return_to=/help")
    assert str(asked.url).endswith("/login/code?return_to=%2Fhelp")
    assert (await browser.get("/login/code?return_to=%2Fprofile")).status_code == 400


async def test_a_form_without_its_token_is_shown_anew(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    await log_in(browser)
    answer = await browser.post(
        "/login/code", data={"csrf_token": "stale", "code": code_at(acme.now)}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/login/code")
    assert await amr_of_sessions(acme) == []


async def test_whoever_finished_in_another_tab_goes_on_here(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    asked = await log_in(browser)
    await send(browser, asked, code=code_at(acme.now))
    again = await browser.get("/login/code")
    assert (again.status_code, again.headers["location"]) == (303, "/login")


async def test_the_page_leads_to_another_account(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    asked = await log_in(browser, "/login?return_to=/help")
    href = re.search(r'<a href="([^"]*)">Use another account', asked.text)
    assert href is not None
    assert 'name="password"' in (await browser.get(unescape(href[1]))).text


# --- the organisation -----------------------------------------------------------------------------


@pytest.fixture
async def twice(acme: Platform, ada: User) -> User:
    """Ada, who has the same password at Globex."""
    await acme.add_organisation(GLOBEX, "Globex")
    return await acme.add_user(organisation=GLOBEX)


async def test_the_organisation_is_chosen_after_the_proof(
    acme: Platform, browser: httpx.AsyncClient, twice: User
) -> None:
    asked = await log_in(browser)
    assert asked.url.path == "/login/organisation"
    assert "Acme" in asked.text
    assert "Globex" in asked.text
    done = await send(browser, asked, organisation=GLOBEX)
    assert done.headers["location"] == "/profile"
    assert "Globex" in (await browser.get("/profile")).text


async def test_without_the_password_no_organisation_is_named(
    acme: Platform, browser: httpx.AsyncClient, twice: User
) -> None:
    refused = await log_in(browser, password="not the password")
    assert refused.status_code == 400
    assert "Globex" not in refused.text


async def test_an_organisation_that_was_not_offered_is_not_chosen(
    acme: Platform, browser: httpx.AsyncClient, twice: User
) -> None:
    other = "c" * 24
    await acme.add_organisation(other, "Initech")
    await acme.add_user(organisation=other, password=OTHER)
    asked = await log_in(browser)
    assert "Initech" not in asked.text
    for value in (other, "", "x" * 24):
        answer = await send(browser, asked, organisation=value)
        assert answer.status_code == 400
    assert await amr_of_sessions(acme) == []


async def test_the_address_limits_the_choice(
    acme: Platform, browser: httpx.AsyncClient, twice: User
) -> None:
    done = await log_in(browser, f"/login?organisationId={GLOBEX}")
    assert done.headers["location"] == "/profile"
    assert "Globex" in (await browser.get("/profile")).text


async def test_after_the_choice_comes_the_code_of_that_person(
    acme: Platform, browser: httpx.AsyncClient, twice: User
) -> None:
    await switch_on(acme, twice)
    asked = await send(browser, await log_in(browser), organisation=GLOBEX)
    assert asked.url.path == "/login/code"
    assert asked.text.count("step-done") == 2
    assert (await send(browser, asked, code=code_at(acme.now))).headers["location"] == "/profile"


# --- two-step login that the organisation requires ------------------------------------------------


async def test_who_has_no_second_factor_sets_one_up_where_it_is_required(
    acme: Platform, browser: httpx.AsyncClient, ada: User
) -> None:
    await require_two_step(acme)
    page = await log_in(browser)
    assert page.url.path == "/login/two-step"
    assert "<svg" in page.text
    assert "style=" not in page.text
    secret = shown_secret(page)
    assert shown_secret(await browser.get("/login/two-step")) == secret
    wrong = await send(browser, page, code=wrong_code(acme.now, secret))
    assert wrong.status_code == 400
    assert shown_secret(wrong) == secret
    kept = await send(browser, wrong, code=code_at(acme.now, secret))
    assert kept.url.path == "/login/recovery-codes"
    shown = re.findall(r"<code>([A-Z2-7-]{29})</code>", kept.text)
    assert len(shown) == 10
    file = await browser.get("/login/recovery-codes.txt")
    assert file.headers["content-disposition"].startswith("attachment")
    assert all(code in file.text for code in shown)
    assert await amr_of_sessions(acme) == []
    (event,) = await acme.database.all(SET_UP_EVENTS)
    assert (event["actor_kind"], event["actor_id"]) == ("user", ada.id)
    done = await send(browser, kept)
    assert done.headers["location"] == "/profile"
    assert await amr_of_sessions(acme) == ["pwd otp mfa"]
    async with acme.browser() as other:
        asked = await log_in(other)
        assert (await send(other, asked, recovery_code=shown[0])).headers["location"] == "/profile"


async def test_the_code_that_confirmed_it_is_spent(
    acme: Platform, browser: httpx.AsyncClient, ada: User
) -> None:
    await require_two_step(acme)
    page = await log_in(browser)
    secret = shown_secret(page)
    await send(browser, page, code=code_at(acme.now, secret))
    async with acme.browser() as other:
        replayed = await send(other, await log_in(other), code=code_at(acme.now, secret))
        assert replayed.status_code == 400


async def test_a_set_up_does_not_replace_one_that_was_made_meanwhile(
    acme: Platform, browser: httpx.AsyncClient, ada: User
) -> None:
    """Whoever stole the password is not quicker than its owner."""
    await require_two_step(acme)
    page = await log_in(browser)
    secret = shown_secret(page)
    await switch_on(acme, ada)
    asked = await send(browser, page, code=code_at(acme.now, secret))
    assert asked.url.path == "/login/code"
    assert (await send(browser, asked, code=code_at(acme.now, secret))).status_code == 400
    assert await amr_of_sessions(acme) == []


async def test_a_reset_leaves_the_password_alone(
    acme: Platform, browser: httpx.AsyncClient, ada: User, codes: tuple[str, ...]
) -> None:
    async with acme.database.transaction() as tx:
        await second_factors.reset(tx, OUTBOX, ada, acme.now)
    assert (await log_in(browser)).headers["location"] == "/profile"


# --- a new password -------------------------------------------------------------------------------


async def test_a_password_that_has_to_be_replaced_is_replaced_first(
    acme: Platform, browser: httpx.AsyncClient, ada: User, codes: tuple[str, ...]
) -> None:
    await acme.database.one(MUST_CHANGE)
    page = await send(browser, await log_in(browser), code=code_at(acme.now))
    assert page.url.path == "/login/new-password"
    for weak in ("", "short", "password1234", PASSWORD):
        again = await send(browser, page, password=weak)
        assert again.status_code == 422
    assert "same as the current one" in again.text
    done = await send(browser, page, password=OTHER)
    assert done.headers["location"] == "/profile"
    assert await amr_of_sessions(acme) == ["pwd otp mfa"]
    async with acme.browser() as other:
        assert (await log_in(other)).status_code == 400
        assert (await log_in(other, password=OTHER)).url.path == "/login/code"


async def test_keep_me_signed_in_survives_the_steps(
    acme: Platform, browser: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    asked = await log_in(browser, keep="1")
    done = await send(browser, asked, code=code_at(acme.now))
    cookies = done.headers.get_list("set-cookie")
    assert any("_session=" in c and "Max-Age=2592000" in c for c in cookies)
    assert any("_entry=" in c and "Max-Age=0" in c for c in cookies)
