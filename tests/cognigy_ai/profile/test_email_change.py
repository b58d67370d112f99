"""/profile/email and /email/confirm: the password asks, the mailed link confirms."""

from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai import letters
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from support.mailbox import last_letter, letters_of
from support.platform import PASSWORD, Platform, submit

HERE = "/profile/email"
NEW = "ada@new.example"


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser, signed in."""
    user = await acme.add_user()
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", await sign_in(acme, user.id))
        yield browser


async def sign_in(platform: Platform, user_id: str) -> str:
    async with platform.database.transaction() as tx:
        return (await sessions.start(tx, user_id, "pwd", 3600, "", platform.now))[0]


async def ask(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    fields = {"email": NEW, "password": PASSWORD} | changes
    return await submit(browser, await browser.get(HERE), HERE, **fields)


async def link(platform: Platform) -> str:
    return f"/email/confirm/{(await last_letter(platform, letters.EMAIL_CHANGE))['secret']}"


async def test_the_link_that_is_mailed_changes_the_address(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    assert (await ask(ada)).headers["location"] == HERE
    page = await ada.get(HERE)
    assert "Waiting for confirmation" in page.text
    assert NEW in page.text
    where = await link(acme)
    async with acme.browser() as elsewhere:  # the mail may be read on a phone
        asked = await elsewhere.get(where)
        assert "ada@acme.example" in asked.text
        assert NEW in asked.text
        done = await submit(elsewhere, asked, where)
        assert done.headers["location"] == "/email/confirmed"
        assert (await elsewhere.get("/email/confirmed")).status_code == 200
        assert (await elsewhere.get("/profile")).status_code == 303  # it signs nobody in
    page = await ada.get(HERE)  # still signed in
    assert page.status_code == 200
    assert "Waiting for confirmation" not in page.text
    assert (await users.get_by_email(acme.database, NEW, None)).email_verified


async def test_fetching_the_link_changes_nothing(acme: Platform, ada: httpx.AsyncClient) -> None:
    await ask(ada)
    where = await link(acme)
    async with acme.browser() as scanner:
        for _ in range(3):
            assert (await scanner.get(where)).status_code == 200
            assert (await scanner.head(where)).status_code == 200
        assert (await scanner.post(where)).status_code in (400, 403)
    assert await users.find_by_email(acme.database, NEW, None) == []
    assert (await submit(ada, await ada.get(where), where)).status_code == 303


async def test_a_spent_link_says_so(acme: Platform, ada: httpx.AsyncClient) -> None:
    await ask(ada)
    where = await link(acme)
    page = await ada.get(where)
    assert (await submit(ada, page, where)).status_code == 303
    assert (await submit(ada, page, where)).status_code == 410
    assert (await ada.get(where)).status_code == 410


@pytest.mark.parametrize("secret", ["el_unknown", "x" * 5000, "pl_x"])
async def test_another_secret_is_refused(ada: httpx.AsyncClient, secret: str) -> None:
    assert (await ada.get(f"/email/confirm/{secret}")).status_code == 410


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"password": "not the password"}, "This is not your current password."),
        ({"password": ""}, "This is not your current password."),
        ({"email": ""}, "This is not an e-mail address"),
        ({"email": "nobody"}, "This is not an e-mail address"),
        ({"email": "ada@acme.example"}, "has already"),
        ({"email": "x" * 300 + "@acme.example"}, "This is not an e-mail address"),
    ],
)
async def test_one_fault_mails_nothing(
    acme: Platform, ada: httpx.AsyncClient, changes: dict[str, str], shown: str
) -> None:
    answer = await ask(ada, **changes)
    assert answer.status_code == 422
    assert shown in answer.text
    assert "Nothing was changed." in answer.text
    assert PASSWORD not in answer.text
    assert await letters_of(acme) == []


async def test_guesses_at_the_password_are_counted(acme: Platform, ada: httpx.AsyncClient) -> None:
    """Together with those at the password form: it is the same password."""
    page = await ada.get("/profile")
    for _ in range(2):
        wrong = {"current_password": "a guess", "new_password": "a brand new long password"}
        assert (await submit(ada, page, "/profile/password", **wrong)).status_code == 422
    for _ in range(3):
        assert (await ask(ada, password="a guess")).status_code == 422
    locked = await ask(ada, password="a guess")
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "30")
    assert (await ask(ada)).status_code == 429
    acme.clock.advance(31)
    assert (await ask(ada)).status_code == 303


async def test_an_address_gets_three_mails_an_hour(acme: Platform, ada: httpx.AsyncClient) -> None:
    """Whoever is signed in must not flood somebody else's mailbox."""
    for _ in range(3):
        assert (await ask(ada)).status_code == 303
    refused = await ask(ada)
    assert refused.status_code == 429
    assert "Wait an hour" in refused.text
    kinds = [kind for kind, _ in await letters_of(acme)]
    assert kinds.count(letters.EMAIL_CHANGE) == 3
    acme.clock.advance(3601)
    ada.cookies.clear()
    user = await users.get_by_email(acme.database, "ada@acme.example", None)
    ada.cookies.set("ai_8000_session", await sign_in(acme, user.id))
    assert (await ask(ada)).status_code == 303


async def test_the_wish_can_be_taken_back(acme: Platform, ada: httpx.AsyncClient) -> None:
    await ask(ada)
    where = await link(acme)
    page = await ada.get(HERE)
    assert (await submit(ada, page, f"{HERE}/cancel")).headers["location"] == HERE
    assert "Waiting for confirmation" not in (await ada.get(HERE)).text
    assert (await ada.get(where)).status_code == 410


async def test_an_address_that_a_colleague_has_is_not_told_before_the_link(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    """Only whoever reads mail there learns that it is somebody's."""
    await acme.add_user(NEW)
    assert (await ask(ada)).status_code == 303
    where = await link(acme)
    refused = await submit(ada, await ada.get(where), where)
    assert refused.status_code == 409
    assert "Somebody else in the organisation has this e-mail address" in refused.text
    assert await users.find_by_email(acme.database, "ada@acme.example", None) != []


async def test_a_stranger_is_sent_to_the_login(acme: Platform) -> None:
    async with acme.browser() as stranger:
        assert (await stranger.get(HERE)).headers["location"].startswith("/login?return_to=")
        for path in (HERE, f"{HERE}/cancel"):
            assert (await stranger.post(path, data={"email": NEW})).status_code in (303, 403)
    assert await letters_of(acme) == []
