"""What other systems learned about sessions, at the desk; each test names its lesson."""

import asyncio
import re

import httpx
import pytest
import structlog
from sqlalchemy import delete, insert, select, text, update

from kernel.db import open_database
from kernel.settings import load
from live_agent.agents import directory
from live_agent.app import build_app
from live_agent.db import tables
from live_agent.settings import Settings
from live_agent.signals import actions as signals
from support.event_tokens import CAEP, RISC, claims_of, organisation, push, signed, tell
from support.oauth_desk import Desk, environment_of, log_in, start
from support.provider import ORGANISATION, SUBJECT


async def test_a_suspended_organisation_ends_sessions_and_lets_nobody_in(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 24: no new login, no refresh, running sessions end."""
    await log_in(desk, browser)
    suspended = {"organisation_state": "suspended"}
    await tell(desk, CAEP + "session-revoked", organisation(ORGANISATION), **suspended)
    page = await browser.get(desk.dashboard)
    assert page.status_code == 403
    assert "Nobody of your organisation can use Live Agent at the moment." in page.text
    async with desk.database.transaction() as tx:
        await tx.one(update(tables.accounts).values(suspended_at=desk.clock.now()))
    await log_in(desk, browser)
    assert desk.refusal()["problem"] == "organisation_suspended"
    assert (await browser.get(desk.dashboard)).status_code in (303, 403)


async def test_somebody_disabled_here_gets_no_half_session_through_the_platform(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 33: active is asked at the callback, too."""
    await log_in(desk, browser)
    await browser.post("/logout")
    await desk.database.one(update(tables.users).values(disabled_at=desk.clock.now()))
    other = desk.browser()
    await log_in(desk, other)
    assert desk.refusal()["problem"] == "user_disabled"
    assert "la_3000_session" not in other.cookies
    alive = select(tables.sessions).where(tables.sessions.c.ended_at.is_(None))
    assert len(await desk.database.all(alive)) <= 1  # the first browser's, which opens nothing
    for one in (browser, other):
        assert (await one.get(desk.dashboard)).status_code in (303, 403)


async def test_a_session_whose_row_is_deleted_is_over_at_once(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 34: deleting it in the store revokes it, and an open page hears of it."""
    await log_in(desk, browser)
    streams = desk.app.state.streams
    listening = asyncio.create_task(browser.get(f"/app/accounts/{desk.account_id}/stream"))
    await asyncio.sleep(0.05)
    user = await directory.find(
        desk.database, (await desk.database.all(select(tables.users)))[0]["id"]
    )
    assert user is not None
    async with desk.database.transaction() as tx:
        await directory.delete(tx, user, desk.clock.now(), by="a test")
    await streams.look()
    assert "event: ended" in (await asyncio.wait_for(listening, 5)).text
    assert (await browser.get(desk.dashboard)).status_code in (303, 403)


async def test_a_session_that_was_deleted_elsewhere_is_missed_by_the_next_looks(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 34, where no message comes: another process deleted it, and there is no Valkey."""
    await log_in(desk, browser)
    listening = asyncio.create_task(browser.get(f"/app/accounts/{desk.account_id}/stream"))
    await asyncio.sleep(0.05)
    await desk.database.one(delete(tables.sessions))
    for _ in range(6):
        await desk.app.state.streams.look()
    assert "event: ended" in (await asyncio.wait_for(listening, 5)).text


async def test_a_look_that_the_database_refuses_is_not_the_last_one(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 34 after an error of the database that is no outage, as of a missing table."""
    await log_in(desk, browser)
    await desk.database.one(text("ALTER TABLE sessions RENAME TO sessions_away"))
    looking = asyncio.create_task(desk.app.state.streams.look())
    with structlog.testing.capture_logs() as logs:
        await asyncio.wait([looking])
    await desk.database.one(text("ALTER TABLE sessions_away RENAME TO sessions"))
    assert [entry["event"] for entry in logs] == ["streams.look_failed"]
    assert looking.exception() is None


async def test_whoever_is_locked_between_the_start_and_the_callback_gets_no_session(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 36: the signal comes while the person is at the login page."""
    await log_in(desk, browser)
    other = desk.browser()
    location = await start(other)
    answer = desk.provider.log_in(location)
    await tell(desk, RISC + "account-disabled", access_revision=2)
    await other.get(answer)  # an ID token that does not know of it yet: the login starts again
    assert (await other.get(desk.dashboard)).status_code in (303, 403)
    assert "la_3000_session" not in other.cookies


async def test_what_was_revoked_stays_so_after_a_restart(
    desk: Desk, browser: httpx.AsyncClient, database_url: str
):
    """Lesson 40: ended sessions, spent tokens and the highest revision outlive the process."""
    await log_in(desk, browser)
    token = signed(desk.provider.key, claims_of(desk, RISC + "account-disabled", access_revision=2))
    assert (await push(desk, token)).status_code == 202
    database = await open_database(database_url)
    settings = load(Settings, environment_of(desk.provider))
    again = build_app(settings, database, desk.clock, background=False)
    transport = httpx.ASGITransport(again)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost:3000", cookies=browser.cookies
    ) as same_browser:
        page = await same_browser.get(desk.dashboard, headers={"accept": "text/html"})
        assert page.status_code == 403
    restarted = Desk(again, database, desk.clock, desk.provider, desk.account_id)
    assert (await push(restarted, token)).status_code == 202
    events = select(tables.audit_events).where(tables.audit_events.c.event == "session.ended")
    assert len(await database.all(events)) == 1
    subject = await database.one(select(tables.subjects))
    assert subject is not None
    assert (subject["subject"], subject["access_revision"]) == (SUBJECT, 2)
    await again.state.provider.close()
    await database.close()


async def test_the_sessions_cookie_is_random_and_not_made_of_anything_known(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 42: no value that stays signed in can be derived from a name or a time."""
    values = set()
    for _ in range(3):
        other = desk.browser()
        await log_in(desk, other)
        values.add(other.cookies["la_3000_session"])
    assert len(values) == 3
    assert all(len(value.removeprefix("ls_")) == 43 for value in values)


@pytest.mark.parametrize("kind", ["disabled", "roles"])
async def test_presence_goes_offline_when_access_ends(
    desk: Desk, browser: httpx.AsyncClient, kind: str
):
    await log_in(desk, browser)
    colleague = desk.browser()
    desk.provider.person |= {"sub": "grace", "email": "grace@acme.example", "name": "Grace"}
    desk.provider.person |= {"sid": "sid-2"}
    await log_in(desk, colleague)

    async def shown() -> str:
        text = (await colleague.get(desk.dashboard)).text
        return text.split("Your colleagues")[1].split("Your rights")[0]

    assert "presence-online" in await shown()
    if kind == "disabled":
        await tell(desk, RISC + "account-disabled", access_revision=2)
        assert "presence-online" not in await shown()
    else:
        await tell(desk, CAEP + "token-claims-change", access_revision=2, claims={"roles": []})
        assert "Ada" not in await shown()  # no colleague any more


async def test_new_roles_count_at_the_next_request_of_the_same_session(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 41, for roles that only changed."""
    await log_in(desk, browser)
    settings = f"/app/accounts/{desk.account_id}/settings/sessions"
    assert (await browser.get(settings)).status_code == 403
    claims = {"roles": ["liveAgentAdmin"]}
    await tell(desk, CAEP + "token-claims-change", access_revision=2, claims=claims)
    assert (await browser.get(settings)).status_code == 200
    claims = {"roles": ["liveAgentAgent"]}
    await tell(desk, CAEP + "token-claims-change", access_revision=3, claims=claims)
    assert (await browser.get(settings)).status_code == 403
    assert (await browser.get(desk.dashboard)).status_code == 200


async def test_of_somebody_erased_no_table_holds_name_or_address(
    desk: Desk, browser: httpx.AsyncClient
):
    """Their sessions, API tokens, conflicts and the words they were found by, too."""
    await log_in(desk, browser)
    users, now = tables.users, desk.clock.now()
    user = await desk.database.one(select(users))
    assert user is not None
    token = {"fingerprint": "f", "user_id": user["id"], "created_at": now, "name": "Ada's report"}
    await desk.database.one(insert(tables.api_tokens).values(token))
    conflict = {
        "id": "co_1",
        "account_id": desk.account_id,
        "kind": "address_held",
        "issuer": desk.provider.url,
        "subject": SUBJECT,
        "email_key": "ada@acme.example",
        "user_ids": "[]",
        "reference": "ABCDEFGHIJKL",
        "first_at": now,
        "last_at": now,
        "times": 1,
    }
    await desk.database.one(insert(tables.conflicts).values(conflict))
    await tell(desk, RISC + "account-purged", access_revision=2)
    desk.clock.advance(30 * 86_400)
    assert await signals.erase_due(desk.database, desk.clock.now()) == 1
    for table in tables.metadata.sorted_tables:
        for row in await desk.database.all(select(table)):
            held = str(dict(row)).lower()
            # a word of its own: random ids may hold these letters
            found = re.search(r"\bada\b|lovelace", held.replace(SUBJECT, ""))
            assert found is None, (table.name, held)
