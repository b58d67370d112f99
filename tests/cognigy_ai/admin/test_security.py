"""/admin/security: the password policy, its enforcement, and two-step login for everybody."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import links, passwords
from cognigy_ai.users.policy import DEFAULT
from support.platform import ACME, PASSWORD, Platform, submit
from support.visitor import forms_of

HERE = "/admin/security"
ENFORCE = "/admin/security/enforce"
TWO_STEP = "/admin/security/two-step"
GLOBEX = "b" * 24
POSTED = (HERE, ENFORCE, TWO_STEP)


async def signed_in(
    platform: Platform, email: str, *roles: str, amr: str = "pwd"
) -> httpx.AsyncClient:
    user = await platform.add_user(email, roles=roles)
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, amr, 3600, "", platform.now)
    browser = platform.browser()
    browser.cookies.set("ai_8000_session", secret)
    return browser


@pytest.fixture
async def admin(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    await acme.add_organisation(GLOBEX, "Globex")
    async with await signed_in(acme, "admin@acme.example", "admin") as browser:
        yield browser


@pytest.fixture
async def with_second_factor(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator who signed in with a code."""
    async with await signed_in(acme, "root@acme.example", "admin", amr="pwd otp mfa") as browser:
        yield browser


async def save(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    return await submit(browser, await browser.get(HERE), HERE, **changes)


async def test_the_page_shows_what_holds_and_why_the_rest_is_off(admin: httpx.AsyncClient) -> None:
    page = await admin.get(HERE)
    assert "<title>Security · Cognigy.AI</title>" in page.text
    assert "Recommended values" in page.text
    assert "OWASP ASVS" in page.text
    form = next(form for form in forms_of(page.text) if form.action == HERE)
    assert (form.fields["minLength"], form.fields["minAmountNumbers"]) == ("12", "0")
    assert "then" not in form.fields  # Enter in a field saves; it does not enforce


async def test_a_saved_policy_is_what_pages_ask_for(
    acme: Platform, admin: httpx.AsyncClient
) -> None:
    answer = await save(admin, minLength="30", minAmountNumbers="2")
    assert answer.headers["location"] == f"{HERE}?saved=policy"
    page = await admin.get(answer.headers["location"])
    assert "It holds for passwords that are set from now on." in page.text
    assert "Recommended values" not in page.text
    policy = await passwords.policy_of(acme.database, ACME)
    assert (policy.min_length, policy.min_amount_numbers) == (30, 2)
    assert await passwords.policy_of(acme.database, GLOBEX) == DEFAULT
    profile = await admin.get("/profile")
    assert "At least 30 characters." in profile.text
    new = {"current_password": PASSWORD, "new_password": "a brand new long password"}
    refused = await submit(admin, profile, "/profile/password", **new)
    assert refused.status_code == 422
    assert "Use at least 30 characters. Digits needed: 2." in refused.text


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"minLength": "7"}, "from 8 to 128"),
        ({"minLength": ""}, "from 8 to 128"),
        ({"minLength": "many"}, "from 8 to 128"),
        ({"maxLength": "63"}, "from 64 to 1024"),
        ({"minLength": "100", "maxLength": "64"}, "less than the shortest password"),
        ({"minAmountNumbers": "11"}, "from 0 to 10"),
        ({"maxAmountIdenticalCharacters": "1"}, "0, or a whole number from 2 to 20"),
        ({"minAmountFailedAttemptsAutoDisable": "2"}, "0, or a whole number from 3 to 1000"),
        ({"minLength": "<script>"}, "&lt;script&gt;"),
    ],
)
@pytest.mark.parametrize("then", ["save", "enforce"])
async def test_what_is_not_possible_is_said_at_the_field(
    acme: Platform, admin: httpx.AsyncClient, changes: dict[str, str], shown: str, then: str
) -> None:
    answer = await save(admin, **changes, then=then)
    assert answer.status_code == 422
    assert shown in answer.text
    assert "Nothing was saved" in answer.text
    assert await passwords.policy_of(acme.database, ACME) == DEFAULT


async def test_enforcing_is_asked_for_once_more_and_signs_everybody_out(
    acme: Platform, admin: httpx.AsyncClient
) -> None:
    async with await signed_in(acme, "ada@acme.example", "liveAgentAgent") as ada:
        asked = await save(admin, minLength="16", then="enforce")
        where = urlsplit(asked.headers["location"])
        assert (where.path, parse_qs(where.query)["minLength"]) == (ENFORCE, ["16"])
        page = await admin.get(asked.headers["location"])
        assert "2 people with a password are signed out" in page.text
        assert "At least 16 characters." in page.text
        # nothing has happened yet
        assert await passwords.policy_of(acme.database, ACME) == DEFAULT
        assert (await ada.get("/profile")).status_code == 200
        done = await submit(admin, page, ENFORCE)
        assert done.headers["location"] == "/password/enforced"
        assert (await ada.get("/profile")).headers["location"].startswith("/login")
        assert (await admin.get("/profile")).headers["location"].startswith("/login")
        assert "You are signed out too" in (await admin.get("/password/enforced")).text
    assert (await passwords.policy_of(acme.database, ACME)).min_length == 16


@pytest.mark.parametrize("query", ["", "?minLength=1&maxLength=1024", "?minLength=x&maxLength=99"])
async def test_an_address_that_was_made_up_enforces_nothing(
    admin: httpx.AsyncClient, query: str
) -> None:
    answer = await admin.get(ENFORCE + query)
    assert (answer.status_code, answer.headers["location"]) == (303, HERE)


async def test_two_step_login_is_required_and_not(
    acme: Platform, with_second_factor: httpx.AsyncClient
) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    admin = with_second_factor
    answer = await submit(admin, await admin.get(HERE), TWO_STEP, required="1")
    assert answer.headers["location"] == f"{HERE}?saved=two-step"
    assert (await organisations.get(acme.database, ACME)).two_step_required
    assert not (await organisations.get(acme.database, GLOBEX)).two_step_required
    page = await admin.get(answer.headers["location"])
    form = next(form for form in forms_of(page.text) if form.action == TWO_STEP)
    assert form.fields.pop("required") == "1"
    await admin.post(TWO_STEP, data=form.fields)
    assert not (await organisations.get(acme.database, ACME)).two_step_required


async def test_requiring_it_signs_out_whoever_has_no_second_factor_and_says_so_before(
    acme: Platform, admin: httpx.AsyncClient, with_second_factor: httpx.AsyncClient
) -> None:
    assert "You too: you signed in without one." not in (await with_second_factor.get(HERE)).text
    page = await admin.get(HERE)
    assert "without a second step is signed out at once" in page.text
    assert "You too: you signed in without one." in page.text
    answer = await submit(admin, page, TWO_STEP, required="1")
    assert answer.headers["location"] == "/password/enforced?by=two-step"
    told = await admin.get(answer.headers["location"])
    assert "You had signed in without a second step" in told.text
    assert (await admin.get(HERE)).headers["location"].startswith("/login")
    assert (await with_second_factor.get(HERE)).status_code == 200


@pytest.mark.parametrize("role", ["userManager", "liveAgentAdmin", "fullSupportUser", "apiKeys"])
async def test_nobody_else_sees_or_changes_it(acme: Platform, role: str) -> None:
    async with await signed_in(acme, "eve@acme.example", role) as browser:
        token = forms_of((await browser.get("/profile")).text)[0].fields["csrf_token"]
        for path in (HERE, f"{ENFORCE}?minLength=8&maxLength=64"):
            assert (await browser.get(path)).status_code == 403
        data = {"csrf_token": token, "minLength": "8", "maxLength": "64", "required": "1"}
        for path in POSTED:
            assert (await browser.post(path, data=data)).status_code == 403
    assert await passwords.policy_of(acme.database, ACME) == DEFAULT
    assert not (await organisations.get(acme.database, ACME)).two_step_required


@pytest.mark.parametrize("path", POSTED)
async def test_a_form_without_its_token_changes_nothing(
    acme: Platform, admin: httpx.AsyncClient, path: str
) -> None:
    data = {"minLength": "8", "maxLength": "64", "required": "1"}
    assert (await admin.post(path, data=data)).status_code == 403
    assert await passwords.policy_of(acme.database, ACME) == DEFAULT


async def test_an_administrator_changes_the_own_organisation_only(
    acme: Platform, admin: httpx.AsyncClient
) -> None:
    """There is no parameter that names another one."""
    page = await admin.get(HERE)
    for name in ("organisation", "organisationId", "organisation_id"):
        await submit(admin, page, HERE, minLength="20", **{name: GLOBEX})
    assert await passwords.policy_of(acme.database, GLOBEX) == DEFAULT


async def test_the_page_says_that_no_mail_leaves(admin: httpx.AsyncClient) -> None:
    assert "Ask its operator to set SMTP_ADDRESS." in (await admin.get(HERE)).text


NOBODY_ANSWERS = {"SMTP_ADDRESS": "127.0.0.1", "SMTP_PORT": "1"}


@pytest.mark.parametrize("environment", [NOBODY_ANSWERS], ids=["a mail server that is down"])
async def test_the_page_says_since_when_mail_fails(
    acme: Platform, admin: httpx.AsyncClient
) -> None:
    assert "No mail has failed" in (await admin.get(HERE)).text
    state = acme.app.state.all
    user = await acme.add_user("new@acme.example", password=None)
    async with acme.database.transaction() as tx:
        await links.invite(tx, state.outbox, user.id, "Grace Hopper", acme.now)
    assert "No mail has failed" in (await admin.get(HERE)).text  # it was not tried yet
    assert await state.courier.deliver_due() == 1
    for path in (HERE, "/admin/users", "/admin/users/new", "/admin/imports"):
        page = await admin.get(path)
        assert "Mail does not leave" in page.text
        assert "Mail has been failing since" in page.text
        assert "2026-01-01T00:00:00Z" in page.text
    async with await signed_in(acme, "eve@acme.example", "userDetailsViewer") as viewer:
        assert "Mail does not leave" not in (await viewer.get("/admin/users")).text
