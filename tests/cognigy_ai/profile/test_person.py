"""/profile: my name and my language."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select

from cognigy_ai.db.tables import audit_events
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import User
from support.platform import BASE, Platform, submit
from support.visitor import forms_of

GOOD = {"name": "Ada King", "locale": "de"}
EVENTS = select(audit_events)


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    user = await acme.add_user(roles=("admin", "apiKeys"))
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", acme.now)
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", secret)
        yield browser


async def save(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    return await submit(browser, await browser.get("/profile"), "/profile", **GOOD | changes)


async def stored(platform: Platform) -> User:
    return await users.get_by_email(platform.database, "ada@acme.example", None)


async def test_name_and_language_are_changed_and_the_pages_follow(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    answer = await save(ada)
    assert (answer.status_code, answer.headers["location"]) == (303, "/profile?changed=person")
    user = await stored(acme)
    assert (user.name, user.locale, user.email_verified) == ("Ada King", "de", True)
    page = (await ada.get(answer.headers["location"])).text
    assert '<html lang="de"' in page
    assert "Ada King" in page


async def test_whoever_keeps_everything_is_told_the_same(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    before = await stored(acme)
    assert (await save(ada, name=before.name, locale=before.locale)).status_code == 303
    assert await stored(acme) == before


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "two\nlines"])
async def test_a_name_that_cannot_be_shown_changes_nothing(
    acme: Platform, ada: httpx.AsyncClient, name: str
) -> None:
    before = await stored(acme)
    answer = await save(ada, name=name)
    assert answer.status_code == 422
    assert "A name has to be 1 to 200 characters" in answer.text
    assert await stored(acme) == before


async def test_a_language_that_is_not_offered_changes_nothing(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    before = await stored(acme)
    assert (await save(ada, locale="tlh")).status_code == 400
    assert await stored(acme) == before


async def test_nothing_else_can_be_slipped_into_the_form(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    before = await stored(acme)
    form = next(f for f in forms_of((await ada.get("/profile")).text) if f.action == "/profile")
    more = {"email": "eve@evil.example", "roles": "liveAgentAdmin", "email_verified": "0"}
    extra = {"user_id": "b" * 24, "organisation_id": "b" * 24}
    await ada.post("/profile", data=form.fields | more | extra, headers={"origin": BASE})
    assert await stored(acme) == before


async def test_a_name_stands_as_text_on_the_page(ada: httpx.AsyncClient) -> None:
    await save(ada, name="<script>alert(1)</script>", locale="en")
    page = (await ada.get("/profile")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


async def test_the_change_is_recorded_without_the_name(
    acme: Platform, ada: httpx.AsyncClient
) -> None:
    await save(ada)
    user = await stored(acme)
    rows = [r for r in await acme.database.all(EVENTS) if r["event"] == "user.changed"]
    assert [(r["user_id"], r["actor_id"]) for r in rows] == [(user.id, user.id)]
    assert "King" not in json.dumps([dict(row) for row in rows])


async def test_the_page_tells_what_my_roles_are_for(ada: httpx.AsyncClient) -> None:
    page = (await ada.get("/profile")).text
    assert "Administrator of the organisation" in page
    assert "May make API keys." in page


async def test_the_tabs_lead_to_all_of_my_pages(acme: Platform, ada: httpx.AsyncClient) -> None:
    for path in ("/profile", "/profile/sessions", "/profile/history", "/profile/applications"):
        page = (await ada.get(path)).text
        for other in ("/profile", "/profile/sessions", "/profile/applications", "/profile/keys"):
            assert f'<a href="{other}"' in page
    bob = await acme.add_user("bob@acme.example")
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, bob.id, "pwd", 3600, "", acme.now)
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", secret)
        assert "/profile/keys" not in (await browser.get("/profile")).text


@pytest.mark.parametrize(
    "path", ["/profile", "/profile/sessions", "/profile/history", "/profile/applications"]
)
async def test_a_stranger_sees_none_of_it(acme: Platform, path: str) -> None:
    async with acme.browser() as stranger:
        answer = await stranger.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?return_to=%2Fprofile")
