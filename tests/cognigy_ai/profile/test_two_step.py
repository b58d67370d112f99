"""My two-step login: set up, moved, renewed and turned off, by nobody but me."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.users.rules import User
from support.platform import ACME, BASE, PASSWORD, Platform
from support.two_step import code_at, prove, switch_on, wrong_code
from support.visitor import forms_of

PAGE = "/profile/two-step"


@pytest.fixture
async def ada(acme: Platform) -> User:
    return await acme.add_user()


@pytest.fixture
async def browser(acme: Platform, ada: User) -> AsyncIterator[httpx.AsyncClient]:
    """Ada is signed in, and has no second factor yet."""
    async with acme.browser() as one:
        page = await one.get("/login")
        answer = await send(one, page, "/login", email=ada.email, password=PASSWORD)
        assert answer.url.path == "/profile"
        yield one


async def send(
    browser: httpx.AsyncClient, page: httpx.Response, action: str, **fields: str
) -> httpx.Response:
    """Send the form that leads there, and follow."""
    form = next(form for form in forms_of(page.text) if form.action == action)
    return await browser.post(
        action, data=form.fields | fields, headers={"origin": BASE}, follow_redirects=True
    )


async def begin(browser: httpx.AsyncClient) -> tuple[httpx.Response, str]:
    """The page with the QR code, and the secret."""
    page = await send(browser, await browser.get(PAGE), f"{PAGE}/begin")
    found = re.search(r"<code>([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})</code>", page.text)
    assert found is not None, page.text
    return page, found[1].replace(" ", "")


def codes_of(page: httpx.Response) -> list[str]:
    return re.findall(r"<code>([A-Z2-7-]{29})</code>", page.text)


async def test_it_is_set_up_with_the_password_and_the_first_code(
    acme: Platform, browser: httpx.AsyncClient, ada: User
) -> None:
    page, secret = await begin(browser)
    assert "<svg" in page.text
    typed = {"code": code_at(acme.now, secret), "current_password": PASSWORD}
    shown = await send(browser, page, f"{PAGE}/set-up", **typed)
    assert shown.url.path == f"{PAGE}/codes"
    codes = codes_of(shown)
    assert len(codes) == 10
    file = await browser.get(f"{PAGE}/codes.txt")
    assert all(code in file.text for code in codes)
    assert file.headers["cache-control"] == "no-store"
    on = await send(browser, shown, f"{PAGE}/codes")
    assert "Two-step login is on." in on.text
    assert "10 of 10 codes are left." in on.text
    assert (await browser.get(f"{PAGE}/codes")).headers["location"] == PAGE
    assert (await prove(acme, ada, codes[0])).method is not None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "wrong"}, "This code is not right"),
        ({"code": ""}, "This code is not right"),
        ({"current_password": "not the password"}, "This is not your current password."),
        ({"current_password": ""}, "This is not your current password."),
    ],
)
async def test_a_browser_left_open_is_not_enough(
    acme: Platform, browser: httpx.AsyncClient, ada: User, changes: dict[str, str], said: str
) -> None:
    """ASVS 7.5.1."""
    page, secret = await begin(browser)
    good = {"code": code_at(acme.now, secret), "current_password": PASSWORD}
    again = await send(browser, page, f"{PAGE}/set-up", **good | changes)
    assert again.status_code == 422
    assert said in again.text
    assert PASSWORD not in again.text
    assert await second_factors.find(acme.database, ada.id) is None
    done = await send(browser, again, f"{PAGE}/set-up", **good)
    assert done.url.path == f"{PAGE}/codes"


async def test_the_secret_belongs_to_the_session_that_began(
    acme: Platform, browser: httpx.AsyncClient
) -> None:
    await begin(browser)
    cookie = next(one for one in browser.cookies.items() if one[0].endswith("_two_step"))
    await acme.add_user("eve@acme.example", name="Eve")
    async with acme.browser() as other:
        page = await other.get("/login")
        await send(other, page, "/login", email="eve@acme.example", password=PASSWORD)
        jar = "; ".join(f"{k}={v}" for k, v in [*other.cookies.items(), cookie])
        answer = await other.get(f"{PAGE}/set-up", headers={"cookie": jar})
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)


async def test_a_set_up_that_took_too_long_begins_again(
    acme: Platform, browser: httpx.AsyncClient
) -> None:
    await begin(browser)
    acme.clock.advance(601)
    assert (await browser.get(f"{PAGE}/set-up")).headers["location"] == PAGE


@pytest.mark.parametrize("path", ["new-codes", "turn-off"])
async def test_password_and_code_are_asked_before_anything_is_taken_back(
    acme: Platform, browser: httpx.AsyncClient, ada: User, path: str
) -> None:
    codes = await switch_on(acme, ada)
    action = f"{PAGE}/{path}"
    page = await browser.get(action)
    good = {"current_password": PASSWORD, "present_code": code_at(acme.now)}
    for changes in (
        {"current_password": "not the password"},
        {"present_code": wrong_code(acme.now)},
        {"present_code": ""},
    ):
        refused = await send(browser, page, action, **good | changes)
        assert refused.status_code == 422
    assert await second_factors.find(acme.database, ada.id) is not None
    done = await send(browser, page, action, **good)
    assert done.status_code == 200
    assert (await prove(acme, ada, codes[0])).method is None
    if path == "turn-off":
        assert "Two-step login is off." in done.text
        assert await second_factors.find(acme.database, ada.id) is None
    else:
        assert (await prove(acme, ada, codes_of(done)[0])).method is not None


async def test_a_recovery_code_is_as_good(
    acme: Platform, browser: httpx.AsyncClient, ada: User
) -> None:
    codes = await switch_on(acme, ada)
    page = await browser.get(f"{PAGE}/turn-off")
    typed = {"current_password": PASSWORD, "present_code": codes[4]}
    assert "Two-step login is off." in (await send(browser, page, f"{PAGE}/turn-off", **typed)).text


async def test_it_moves_to_another_telephone(
    acme: Platform, browser: httpx.AsyncClient, ada: User
) -> None:
    old_codes = await switch_on(acme, ada)
    page, secret = await begin(browser)
    typed = {"code": code_at(acme.now, secret), "current_password": PASSWORD}
    refused = await send(browser, page, f"{PAGE}/set-up", **typed, present_code="")
    assert refused.status_code == 422
    assert (await prove(acme, ada, old_codes[0])).method is not None
    done = await send(browser, page, f"{PAGE}/set-up", **typed, present_code=code_at(acme.now))
    assert done.url.path == f"{PAGE}/codes"
    acme.clock.advance(60)
    assert (await prove(acme, ada, code_at(acme.now))).method is None
    assert (await prove(acme, ada, old_codes[1])).method is None
    assert (await prove(acme, ada, code_at(acme.now, secret))).method is not None


async def test_it_stays_on_where_the_organisation_requires_it(
    acme: Platform, browser: httpx.AsyncClient, ada: User
) -> None:
    await switch_on(acme, ada)
    page = await browser.get(f"{PAGE}/turn-off")
    async with acme.database.transaction() as tx:
        await organisations.set_two_step_required(tx, ACME, required=True, now=acme.now)
    assert "/profile/two-step/turn-off" not in (await browser.get(PAGE)).text
    typed = {"current_password": PASSWORD, "present_code": code_at(acme.now)}
    refused = await send(browser, page, f"{PAGE}/turn-off", **typed)
    assert refused.status_code == 409
    assert "Your organisation requires two-step login" in refused.text
    # nothing was done, so the code was not spent either
    assert (await prove(acme, ada, code_at(acme.now))).method is not None


async def test_wrong_codes_count_as_those_of_the_login_do(
    acme: Platform, browser: httpx.AsyncClient, ada: User
) -> None:
    await switch_on(acme, ada)
    for _ in range(5):
        await prove(acme, ada, wrong_code(acme.now))
    page = await browser.get(f"{PAGE}/turn-off")
    typed = {"current_password": PASSWORD, "present_code": wrong_code(acme.now)}
    locked = await send(browser, page, f"{PAGE}/turn-off", **typed)
    assert locked.status_code == 429
    assert locked.headers["retry-after"] == "30"
    assert await second_factors.find(acme.database, ada.id) is not None


async def test_nothing_is_asked_of_somebody_who_has_no_factor(browser: httpx.AsyncClient) -> None:
    for path in ("new-codes", "turn-off", "set-up", "codes", "codes.txt"):
        answer = await browser.get(f"{PAGE}/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
