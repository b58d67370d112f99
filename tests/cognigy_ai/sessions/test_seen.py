"""When a browser and its person were last seen: noted by their own pages, seldom."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import bindparam, select

from cognigy_ai.db.tables import users
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.rules import LoginAttempt
from support.platform import PASSWORD, Platform

LAST_ACTIVE = select(users.c.last_active_at).where(users.c.id == bindparam("user"))


@pytest.fixture
async def ada(acme: Platform) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """Ada's browser, and her id."""
    user = await acme.add_user()
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 3600, "", acme.now)
    async with acme.browser() as browser:
        browser.cookies.set("ai_8000_session", secret)
        yield browser, user.id


async def seen(platform: Platform, user_id: str) -> tuple[int, int]:
    [session] = await sessions.list_of_user(platform.database, user_id, platform.now)
    row = await platform.database.one(LAST_ACTIVE, user=user_id)
    assert row is not None
    return session.seen_at, row["last_active_at"]


async def test_a_page_notes_when_it_was_asked_for(
    acme: Platform, ada: tuple[httpx.AsyncClient, str]
) -> None:
    browser, user_id = ada
    acme.clock.advance(300)
    assert (await browser.get("/profile")).status_code == 200
    assert await seen(acme, user_id) == (acme.now, acme.now)


async def test_it_is_written_at_most_every_five_minutes(
    acme: Platform, ada: tuple[httpx.AsyncClient, str]
) -> None:
    browser, user_id = ada
    acme.clock.advance(300)
    await browser.get("/profile")
    first = acme.now
    acme.clock.advance(299)
    before = acme.database.statements
    await browser.get("/profile")
    assert await seen(acme, user_id) == (first, first)
    acme.clock.advance(1)
    await browser.get("/profile")
    assert (await seen(acme, user_id))[0] == acme.now
    assert acme.database.statements - before < 20


async def test_of_requests_that_come_together_one_writes(
    acme: Platform, ada: tuple[httpx.AsyncClient, str]
) -> None:
    _, user_id = ada
    [session] = await sessions.list_of_user(acme.database, user_id, acme.now)
    read = await sessions.find_by_id(acme.database, session.id, acme.now)
    assert read is not None
    acme.clock.advance(301)
    before = acme.database.statements
    await sessions.note_seen(acme.database, read, acme.now)
    await sessions.note_seen(acme.database, read, acme.now)
    assert acme.database.statements - before == 3


async def test_what_is_open_to_anybody_notes_nothing(
    acme: Platform, ada: tuple[httpx.AsyncClient, str]
) -> None:
    """The way of a login into another application costs no statement more."""
    browser, user_id = ada
    acme.clock.advance(3000)
    await browser.get("/login")
    assert (await seen(acme, user_id))[0] == acme.now - 3000


async def test_a_login_counts_as_activity(acme: Platform) -> None:
    user = await acme.add_user()
    attempt = LoginAttempt("ada@acme.example", PASSWORD)
    await sessions.login(acme.means, attempt, acme.now, 0.0)
    assert await seen(acme, user.id) == (acme.now, acme.now)
