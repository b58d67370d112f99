"""/profile: who I am; the change of a password asks for the current one and ends the rest."""

from collections.abc import AsyncIterator

import httpx
import pytest

from cognigy_ai import letters
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from support.mailbox import last_letter, letters_of
from support.platform import PASSWORD, Platform, submit
from support.visitor import forms_of

NEW = "a brand new long password"
ACTION = "/profile/password"
GOOD = {"current_password": PASSWORD, "new_password": NEW}


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser, signed in."""
    user = await acme.add_user(roles=("admin", "liveAgentAgent"))
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", await sign_in(acme, user.id))
        yield browser


async def sign_in(platform: Platform, user_id: str) -> str:
    async with platform.database.transaction() as tx:
        return (await sessions.start(tx, user_id, "pwd", 3600, "", platform.now))[0]


async def digest(platform: Platform) -> str | None:
    user = await users.get_by_email(platform.database, "ada@acme.example", None)
    return await users.find_digest(platform.database, user.id)


async def change(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    return await submit(browser, await browser.get("/profile"), ACTION, **GOOD | changes)


async def test_the_profile_shows_who_i_am(ada: httpx.AsyncClient) -> None:
    page = await ada.get("/profile")
    assert page.status_code == 200
    assert "<title>Profile · Cognigy.AI</title>" in page.text
    for shown in ("Ada Lovelace", "ada@acme.example", "Acme", "admin", "liveAgentAgent"):
        assert shown in page.text


async def test_the_page_is_never_stored(ada: httpx.AsyncClient) -> None:
    """Lesson 43."""
    assert (await ada.get("/profile")).headers["cache-control"] == "no-store"


async def test_a_stranger_is_sent_to_the_login_and_comes_back(acme: Platform) -> None:
    async with acme.browser() as stranger:
        page = await stranger.get("/profile")
        posted = await stranger.post(ACTION, data=GOOD)
    assert (page.status_code, page.headers["location"]) == (303, "/login?return_to=%2Fprofile")
    assert posted.status_code in (303, 403)


async def test_the_start_page_leads_on(acme: Platform, ada: httpx.AsyncClient) -> None:
    assert (await ada.get("/")).headers["location"] == "/profile"
    async with acme.browser() as stranger:
        assert (await stranger.get("/")).headers["location"] == "/login"


async def test_a_password_is_changed_with_the_current_one(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    answer = await change(ada)
    assert (answer.status_code, answer.headers["location"]) == (303, "/profile?changed=password")
    assert "Your password is changed" in (await ada.get(answer.headers["location"])).text
    stored = await digest(acme)
    assert stored is not None
    assert await acme.means.passwords.matches(NEW, stored)


async def test_the_person_is_told_by_mail(acme: Platform, ada: httpx.AsyncClient) -> None:
    await change(ada, current_password="not the password")
    assert await letters_of(acme) == []
    await change(ada)
    letter = await last_letter(acme, letters.PASSWORD_CHANGED)
    assert (letter["to"], letter["organisation"]) == ("ada@acme.example", "Acme")


async def test_other_sessions_end_and_this_one_goes_on(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    user = await users.get_by_email(acme.database, "ada@acme.example", None)
    elsewhere = await sign_in(acme, user.id)
    assert "One other browser is signed in" in (await ada.get("/profile")).text
    await change(ada)
    assert await sessions.find(acme.database, elsewhere, acme.now) is None
    page = await ada.get("/profile")
    assert page.status_code == 200
    assert "not signed in anywhere else" in page.text


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"current_password": "not the password"}, "This is not your current password."),
        ({"new_password": "too short"}, "Use at least 12 characters."),
        ({"new_password": "x" * 1025}, "Use at most 1024 characters."),
        ({"new_password": "password1234"}, "easy to guess"),
        ({"new_password": "lovelace-2026"}, "must not contain your name"),
        ({"new_password": PASSWORD}, "same as the current one"),
        ({"new_password": ""}, "Use at least 12 characters."),
    ],
)
async def test_one_fault_changes_nothing(
    acme: Platform, ada: httpx.AsyncClient, changes: dict[str, str], shown: str
) -> None:
    before = await digest(acme)
    answer = await change(ada, **changes)
    assert answer.status_code == 422
    assert shown in answer.text
    assert "Your password was not changed." in answer.text
    assert await digest(acme) == before


async def test_no_typed_password_stands_on_the_page(ada: httpx.AsyncClient) -> None:
    answer = await change(ada, current_password="typed-by-mistake-123")
    assert "typed-by-mistake-123" not in answer.text
    assert NEW not in answer.text


async def test_guesses_at_the_current_password_are_counted(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    for _ in range(5):
        assert (await change(ada, current_password="a guess")).status_code == 422
    locked = await change(ada, current_password="a guess")
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "30")
    assert "You can try again in 0:30." in locked.text
    assert (await change(ada)).status_code == 429
    acme.clock.advance(31)
    assert (await change(ada)).status_code == 303


async def test_a_form_of_another_session_changes_nothing(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    before = await digest(acme)
    page = await ada.get("/profile")
    user = await users.get_by_email(acme.database, "ada@acme.example", None)
    ada.cookies.clear()
    ada.cookies.set("ai_8000_session", await sign_in(acme, user.id))
    answer = await submit(ada, page, ACTION, **GOOD)
    assert answer.status_code == 403
    assert await digest(acme) == before


async def test_a_form_of_another_site_changes_nothing(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    before = await digest(acme)
    form = next(f for f in forms_of((await ada.get("/profile")).text) if f.action == ACTION)
    headers = {"origin": "https://evil.example"}
    answer = await ada.post(ACTION, data=form.fields | GOOD, headers=headers)
    assert answer.status_code == 403
    assert await digest(acme) == before


async def test_a_disabled_person_sees_nothing_more(acme: Platform, ada: httpx.AsyncClient) -> None:
    await acme.add_user("other@acme.example", roles=("admin",))
    async with acme.database.transaction() as tx:
        user = await users.get_by_email(tx, "ada@acme.example", None)
        await users.disable(tx, user.id, acme.now)
    assert (await ada.get("/profile")).headers["location"].startswith("/login")


async def test_theme_and_language_are_chosen_here(ada: httpx.AsyncClient) -> None:
    page = await ada.get("/profile")
    answer = await submit(ada, page, "/theme", theme="dark")
    assert answer.headers["location"] == "/profile"
    await submit(ada, page, "/profile", locale="de")
    page = await ada.get("/profile")
    assert 'data-theme="dark"' in page.text
    assert '<html lang="de"' in page.text


async def test_a_password_is_digested_outside_of_any_transaction(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    page = await ada.get("/profile")
    before = acme.database.transactions
    await submit(ada, page, ACTION, **GOOD)
    # session, policy, locks, digest read, and one for the change itself
    assert acme.database.transactions - before == 5


def test_the_routes_of_the_profile_need_a_session(acme: Platform) -> None:
    routes = {route.path: route for route in acme.app.routes if hasattr(route, "guard")}
    assert type(routes["/profile"].guard).__name__ == "SignedInGuard"
    assert type(routes[ACTION].guard).__name__ == "SignedInGuard"
