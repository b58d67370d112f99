"""The cookie of a half login: worth one session, and nothing after a sign-out everywhere."""

import re

import httpx
import pytest

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import User
from support.platform import ACME, PASSWORD, Platform, submit
from support.two_step import code_at

CODES = "/login/recovery-codes"
SECRET = re.compile(r"(?:[A-Z2-7]{4}[- ]?){8}")


@pytest.fixture
async def user(acme: Platform) -> User:
    async with acme.database.transaction() as tx:
        await organisations.set_two_step_required(tx, ACME, required=True, now=acme.now)
    return await acme.add_user("k@acme.example", roles=())


async def up_to_codes(acme: Platform, browser: httpx.AsyncClient) -> httpx.Response:
    """Password and first code are right; the recovery codes are shown."""
    page = await browser.get("/login")
    answer = await submit(browser, page, "/login", email="k@acme.example", password=PASSWORD)
    page = await browser.get(answer.headers["location"])
    found = SECRET.search(page.text)
    assert found
    code = code_at(acme.now, re.sub("[- ]", "", found[0]))
    answer = await submit(browser, page, "/login/two-step", code=code)
    return await browser.get(answer.headers["location"])


def copy_of(acme: Platform, browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody who has stolen the cookies."""
    copy = acme.browser()
    for name, value in browser.cookies.items():
        copy.cookies.set(name, value)
    return copy


async def test_a_kept_entry_shows_nothing_and_begins_no_second_session(
    acme: Platform, user: User
) -> None:
    browser = acme.browser()
    page = await up_to_codes(acme, browser)
    assert "Recovery codes" in page.text
    thief = copy_of(acme, browser)
    stolen = await thief.get(CODES)
    assert stolen.status_code == 200
    assert (await submit(browser, page, CODES)).headers["location"] == "/profile"
    assert (await copy_of(acme, thief).get(f"{CODES}.txt")).status_code != 200
    answer = await submit(thief, stolen, CODES)
    assert answer.headers.get("location") != "/profile"
    assert (await thief.get("/profile")).status_code == 303
    assert (await browser.get("/profile")).status_code == 200


async def test_signing_out_everywhere_ends_half_logins(acme: Platform, user: User) -> None:
    browser = acme.browser()
    page = await up_to_codes(acme, browser)
    async with acme.database.transaction() as tx:
        await users.end_access(tx, user.id, acme.now)
    answer = await submit(browser, page, CODES)
    assert answer.headers.get("location") != "/profile"
    assert (await browser.get("/profile")).status_code == 303
