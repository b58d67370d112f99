"""/profile/keys: a new key is shown once; revoking it ends it; others' keys are not found."""

from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.api_keys import rules
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import User
from support.platform import PASSWORD, Platform, submit

KEYS = "/profile/keys"
GOOD = {"name": "Nightly export", "lifetime": "90", "password": PASSWORD}
DAY = 24 * 3600


WRONG = {"name": "Nightly export", "lifetime": "90", "password": "not the password"}


@pytest.fixture
async def ada(acme: Platform) -> User:
    return await acme.add_user(roles=("apiKeys",))


@pytest.fixture
async def browser(acme: Platform, ada: User) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's, signed in."""
    async with acme.browser() as browser:
        await sign_in(acme, browser, ada)
        yield browser


async def sign_in(platform: Platform, browser: httpx.AsyncClient, user: User) -> None:
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", platform.now)
    browser.cookies.set("ai_8000_session", secret)


async def make(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    return await submit(browser, await browser.get(KEYS), KEYS, **GOOD | changes)


def secret_on(page: httpx.Response) -> str:
    start = page.text.index("ck_", page.text.index("<pre"))
    return page.text[start : start + 46]


async def test_a_new_key_is_shown_once_and_works(
    acme: Platform, ada: User, browser: httpx.AsyncClient
):
    posted = await make(browser)
    assert (posted.status_code, posted.headers["location"]) == (303, KEYS)
    page = await browser.get(KEYS)
    assert page.headers["cache-control"] == "no-store"
    secret = secret_on(page)
    assert rules.is_api_key(secret)
    holder = await api_keys.find_holder(acme.database, secret, acme.now)
    assert holder is not None
    assert holder.owner_id == ada.id
    again = await browser.get(KEYS)
    assert secret not in again.text
    assert secret[:8] in again.text
    assert "Nightly export" in again.text


async def test_no_key_is_made_without_the_password(
    acme: Platform, ada: User, browser: httpx.AsyncClient
):
    refused = await make(browser, **WRONG)
    assert refused.status_code == 422
    assert "This is not your current password." in refused.text
    assert "not the password" not in refused.text
    assert await api_keys.list_of_owner(acme.database, ada.id) == []
    for _ in range(5):
        refused = await make(browser, **WRONG)
    assert refused.status_code == 429
    assert (await make(browser)).status_code == 429


async def test_a_new_key_stands_in_no_address_and_in_no_readable_cookie(
    browser: httpx.AsyncClient,
):
    posted = await make(browser)
    cookies = posted.headers.get_list("set-cookie")
    assert any("_new_key=" in one and "HttpOnly" in one for one in cookies)
    secret = secret_on(await browser.get(KEYS))
    assert secret not in str(posted.headers)


async def test_the_carried_key_opens_for_its_session_and_for_two_minutes(
    acme: Platform, browser: httpx.AsyncClient
):
    await make(browser)
    carried = browser.cookies["ai_8000_new_key"]
    other = await acme.add_user("eve@acme.example", roles=("apiKeys",))
    async with acme.browser() as eve:
        await sign_in(acme, eve, other)
        eve.cookies.set("ai_8000_new_key", carried)
        assert "<pre" not in (await eve.get(KEYS)).text
    acme.clock.advance(120)
    assert "<pre" not in (await browser.get(KEYS)).text


@pytest.mark.parametrize(
    ("changes", "days"), [({}, 90), ({"lifetime": "30"}, 30), ({"lifetime": "365"}, 365)]
)
async def test_a_key_ends_when_it_was_asked_to(
    acme: Platform, ada: User, browser: httpx.AsyncClient, changes: dict[str, str], days: int
):
    await make(browser, **changes)
    [key] = await api_keys.list_of_owner(acme.database, ada.id)
    assert key.expires_at == acme.now + days * DAY


async def test_a_key_ends_on_a_chosen_day(acme: Platform, ada: User, browser: httpx.AsyncClient):
    day = rules.first_day(acme.now + DAY).isoformat()
    await make(browser, lifetime="date", day=day)
    [key] = await api_keys.list_of_owner(acme.database, ada.id)
    assert acme.now + DAY < key.expires_at <= acme.now + 2 * DAY


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Write a name of 1 to 200 characters."),
        ({"name": "x" * 201}, "Write a name of 1 to 200 characters."),
        ({"lifetime": "date"}, "Choose a day from today on, at most a year away."),
        ({"lifetime": "date", "day": "2001-01-01"}, "Choose a day from today on"),
        ({"lifetime": "3650"}, "Choose a day from today on"),
    ],
)
async def test_a_wrong_form_comes_back_with_what_was_typed(
    acme: Platform, ada: User, browser: httpx.AsyncClient, changes: dict[str, str], words: str
):
    page = await make(browser, **changes)
    assert page.status_code == 422
    assert words in page.text
    assert "No key was made." in page.text
    assert await api_keys.list_of_owner(acme.database, ada.id) == []


async def test_too_many_keys_are_said_in_words(
    acme: Platform, ada: User, browser: httpx.AsyncClient
):
    async with acme.database.transaction() as tx:
        for _ in range(rules.MOST_OF_ONE_OWNER):
            await api_keys.create(tx, ada, "x", acme.now + DAY, acme.now)
    page = await make(browser)
    assert page.status_code == 409
    assert "You have 25 valid API keys" in page.text


async def test_a_key_is_revoked_on_its_page(acme: Platform, ada: User, browser: httpx.AsyncClient):
    await make(browser)
    [key] = await api_keys.list_of_owner(acme.database, ada.id)
    page = await browser.get(f"{KEYS}/{key.id}")
    assert "Nightly export" in page.text
    posted = await submit(browser, page, f"{KEYS}/{key.id}/revoke")
    assert posted.headers["location"] == f"{KEYS}?done=revoked"
    assert "The key is revoked." in (await browser.get(posted.headers["location"])).text
    assert "/revoke" not in (await browser.get(f"{KEYS}/{key.id}")).text
    [key] = await api_keys.list_of_owner(acme.database, ada.id)
    assert key.revoked_at == acme.now


async def test_keys_of_others_are_not_found(acme: Platform, browser: httpx.AsyncClient):
    other = await acme.add_user("eve@acme.example", roles=("admin",))
    async with acme.database.transaction() as tx:
        made = await api_keys.create(tx, other, "x", acme.now + DAY, acme.now)
    own = await browser.get(KEYS)
    for key_id in (made.id, "0" * 32, "%00"):
        assert (await browser.get(f"{KEYS}/{key_id}")).status_code == 404
        fields = {"csrf_token": own.text.split('csrf_token" value="')[1].split('"')[0]}
        assert (await browser.post(f"{KEYS}/{key_id}/revoke", data=fields)).status_code == 404
    assert await api_keys.find_holder(acme.database, made.secret, acme.now) is not None


async def test_who_may_have_no_keys_is_told_which_role_is_needed(acme: Platform):
    agent = await acme.add_user("eve@acme.example", roles=("liveAgentAgent",))
    async with acme.browser() as browser:
        await sign_in(acme, browser, agent)
        page = await browser.get(KEYS)
        assert page.status_code == 200
        assert "You need the role apiKeys or admin." in page.text
        fields = GOOD | {"csrf_token": page.text.split('csrf_token" value="')[1].split('"')[0]}
        assert (await browser.post(KEYS, data=fields)).status_code == 403
    assert await api_keys.list_of_owner(acme.database, agent.id) == []


async def test_a_demoted_owner_is_told_that_the_keys_are_refused(
    acme: Platform, ada: User, browser: httpx.AsyncClient
):
    await make(browser)
    async with acme.database.transaction() as tx:
        await users.remove_role(tx, ada.id, "apiKeys", acme.now)
    assert "these keys are refused" in (await browser.get(KEYS)).text


async def test_a_form_without_its_token_makes_no_key(
    acme: Platform, ada: User, browser: httpx.AsyncClient
):
    assert (await browser.post(KEYS, data=GOOD)).status_code in (303, 403)
    assert await api_keys.list_of_owner(acme.database, ada.id) == []
