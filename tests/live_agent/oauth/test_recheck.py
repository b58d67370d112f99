"""Sessions ask the platform again: access ends although a signal was lost (DESIGN 3 rule 6)."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response

from kernel.db import DatabaseUnavailable, UniqueViolation, open_database
from kernel.settings import load
from live_agent.app import build_app
from live_agent.db import tables
from live_agent.sessions.checks import LEASE_SECONDS
from live_agent.settings import Settings
from support.breaking import BreaksOff
from support.oauth_desk import DESK, Desk, environment_of, log_in
from support.provider import ABSENT

EVERY, GRACE = 300, 3600


async def visit(desk: Desk, browser: httpx.AsyncClient) -> int:
    """One request, and the question beside it answered."""
    status = (await browser.get(desk.dashboard)).status_code
    await desk.app.state.rechecks.close()
    return status


def questions(desk: Desk) -> int:
    asked = [c for c in desk.provider.called("/token") if c.form["grant_type"] == "refresh_token"]
    return len(asked)


async def test_nothing_is_asked_before_it_is_due(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    desk.clock.advance(EVERY - 1)
    assert await visit(desk, browser) == 200
    assert questions(desk) == 0
    desk.clock.advance(1)
    assert await visit(desk, browser) == 200
    assert questions(desk) == 1
    assert await visit(desk, browser) == 200
    assert questions(desk) == 1


async def test_the_rotated_token_is_the_one_that_is_asked_with_next(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    for number in range(1, 4):
        desk.clock.advance(EVERY)
        assert await visit(desk, browser) == 200
        assert questions(desk) == number


async def test_many_requests_ask_once(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    desk.clock.advance(EVERY)
    await asyncio.gather(*(browser.get(desk.dashboard) for _ in range(8)))
    await desk.app.state.rechecks.close()
    assert questions(desk) == 1


async def test_a_grant_that_ended_ends_the_session_after_the_request_that_noticed(
    desk: Desk, browser: httpx.AsyncClient
):
    """Lesson 41."""
    await log_in(desk, browser)
    desk.provider.grants.clear()
    desk.clock.advance(EVERY)
    assert await visit(desk, browser) == 200
    assert await visit(desk, browser) == 403
    row = await desk.database.one(select(tables.sessions))
    assert row is not None
    assert row["ended_because"] == "access_ended"
    assert len(row["ended_reference"]) == 12


async def test_after_a_long_silence_the_answer_is_waited_for(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    desk.provider.grants.clear()
    desk.clock.advance(GRACE)
    assert await visit(desk, browser) == 403


async def test_new_roles_come_with_the_answer(desk: Desk, browser: httpx.AsyncClient):
    await log_in(desk, browser)
    desk.provider.person |= {"roles": ["liveAgentSupervisor"], "access_revision": 2}
    desk.clock.advance(EVERY)
    await visit(desk, browser)
    assert "Supervisor" in (await browser.get(desk.dashboard)).text
    desk.provider.person |= {"roles": ["base_role"], "access_revision": 3}
    desk.clock.advance(EVERY)
    assert await visit(desk, browser) == 200
    assert await visit(desk, browser) == 403


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response("down", 503),
        lambda: Response("<h1>Welcome</h1>", 200),
        lambda: JSONResponse({"error": "invalid_client"}, 401),
        lambda: JSONResponse({"error": "server_error"}, 500),
        lambda: JSONResponse([], 200),
    ],
    ids=["503", "a page", "the secret is refused", "500", "a list"],
)
async def test_while_the_platform_cannot_say_sessions_go_on_for_the_grace_time(
    desk: Desk, browser: httpx.AsyncClient, answer
):
    await log_in(desk, browser)
    desk.provider.answers["/token"] = answer
    desk.clock.advance(EVERY)
    assert await visit(desk, browser) == 200
    desk.clock.advance(GRACE - 1)
    assert await visit(desk, browser) == 200
    desk.clock.advance(1)
    assert await visit(desk, browser) == 403
    assert questions(desk) == 2, "asked a second ago, and in vain"
    row = await desk.database.one(select(tables.sessions))
    assert row is not None
    assert row["ended_because"] == "platform_unreachable"


async def test_a_platform_that_is_back_in_time_is_believed_again(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    desk.provider.answers["/token"] = lambda: Response("down", 503)
    desk.clock.advance(EVERY)
    await visit(desk, browser)
    del desk.provider.answers["/token"]
    desk.clock.advance(60)
    await visit(desk, browser)
    desk.clock.advance(GRACE - 1)
    assert await visit(desk, browser) == 200


@pytest.mark.parametrize(
    "claims",
    [{"sub": "somebody-else"}, {"iss": "https://evil.example"}, {"aud": "another"}],
    ids=["sub", "iss", "aud"],
)
async def test_an_id_token_of_somebody_else_changes_nothing(
    desk: Desk, browser: httpx.AsyncClient, claims: dict[str, str]
):
    """OpenID Connect Core section 12.2."""
    await log_in(desk, browser)
    desk.provider.claims = claims | {"roles": ["liveAgentAdmin"], "access_revision": 9}
    desk.clock.advance(EVERY)
    assert await visit(desk, browser) == 200
    assert "Administrator" not in (await browser.get(desk.dashboard)).text


async def test_a_provider_without_refresh_tokens_is_not_asked(
    desk: Desk, browser: httpx.AsyncClient
):
    desk.provider.tokens = {"refresh_token": ABSENT}
    await log_in(desk, browser)
    desk.clock.advance(GRACE * 2)
    assert await visit(desk, browser) == 200
    assert questions(desk) == 0


async def test_a_slow_answer_of_the_platform_delays_no_request(
    desk: Desk, browser: httpx.AsyncClient
):
    await log_in(desk, browser)
    desk.clock.advance(EVERY)
    desk.provider.delay = 2
    begun = time.monotonic()
    assert (await browser.get(desk.dashboard)).status_code == 200
    assert (await browser.get(desk.dashboard)).status_code == 200
    assert time.monotonic() - begun < 2
    await desk.app.state.rechecks.close()
    assert questions(desk) == 1


async def test_of_two_replicas_exactly_one_asks_and_the_token_rotates_once(
    desk: Desk, browser: httpx.AsyncClient, database_url: str
):
    """A refresh token is spent by asking: if both asked, the family would be revoked."""
    await log_in(desk, browser)
    async with another_replica(desk, browser, database_url) as (other, replica):
        for number in range(1, 4):
            desk.clock.advance(EVERY)
            desk.provider.delay = 0.1
            answers = await asyncio.gather(
                *((browser, other)[n % 2].get(desk.dashboard) for n in range(8))
            )
            assert {answer.status_code for answer in answers} == {200}
            await desk.app.state.rechecks.close()
            await replica.state.rechecks.close()
            assert questions(desk) == number
            assert len(desk.provider.grants) == 1


@pytest.mark.parametrize("answers", [True, False], ids=["the platform is back", "it is not"])
async def test_after_a_long_sleep_a_session_that_was_unanswered_is_asked_about_before_it_ends(
    desk: Desk,
    browser: httpx.AsyncClient,
    answers: bool,  # noqa: FBT001 - a parameter
):
    """One question failed, the laptop slept: the platform was not silent all the time."""
    await log_in(desk, browser)
    desk.provider.answers["/token"] = lambda: Response("down", 503)
    desk.clock.advance(EVERY)
    assert await visit(desk, browser) == 200
    if answers:
        del desk.provider.answers["/token"]
    desk.clock.advance(GRACE + 60)
    assert await visit(desk, browser) == (200 if answers else 403)
    assert questions(desk) == 2


async def test_another_replicas_question_is_waited_for_after_a_long_sleep(
    desk: Desk, browser: httpx.AsyncClient, database_url: str
):
    """A laptop woke: of its requests none is sent to log in, and none acts on rights of then."""
    await log_in(desk, browser)
    roles = iter(("liveAgentSupervisor", "liveAgentAdmin"))
    async with another_replica(desk, browser, database_url) as (other, _replica):
        for revision, slept in enumerate((GRACE, GRACE + EVERY), 2):
            desk.provider.person |= {"roles": [next(roles)], "access_revision": revision}
            desk.clock.advance(slept)
            desk.provider.delay = 2
            asking = asyncio.create_task(browser.get(desk.dashboard))
            await asked(desk)
            desk.provider.delay = 0  # from now on; that answer is still awaited
            pages = [await other.get(desk.dashboard), await asking]
            assert [page.status_code for page in pages] == [200, 200]
            shown = "Supervisor" if revision == 2 else "Administrator"
            assert all(shown in page.text for page in pages)
            assert questions(desk) == 1
            desk.provider.answers["/token"] = lambda: Response("down", 503)
            desk.clock.advance(EVERY)
            assert await visit(desk, browser) == 200
            del desk.provider.answers["/token"]
            desk.provider.calls.clear()


async def test_another_replicas_question_that_ends_the_session_ends_what_waits_for_it(
    desk: Desk, browser: httpx.AsyncClient, database_url: str
):
    await log_in(desk, browser)
    desk.provider.grants.clear()
    desk.clock.advance(GRACE)
    async with another_replica(desk, browser, database_url) as (other, _replica):
        desk.provider.delay = 2
        asking = asyncio.create_task(browser.get(desk.dashboard))
        await asked(desk)
        assert (await other.get(desk.dashboard)).status_code == 403
        assert (await asking).status_code == 403


async def test_a_question_that_nobody_answers_is_waited_for_as_long_as_its_lease(
    desk: Desk, browser: httpx.AsyncClient
):
    """The replica that asked was killed: nobody acts on rights of then, and the next one asks."""
    await log_in(desk, browser)
    desk.clock.advance(GRACE)
    lease = desk.clock.now() + LEASE_SECONDS
    await desk.database.one(update(tables.sessions).values(checking_until=lease))
    waiting = asyncio.create_task(browser.get(desk.dashboard))
    await asyncio.wait([waiting], timeout=0.5)
    assert not waiting.done()
    desk.clock.advance(LEASE_SECONDS)
    assert (await waiting).status_code == 303
    assert questions(desk) == 0
    assert await visit(desk, browser) == 200
    assert questions(desk) == 1


async def test_the_rotated_token_is_kept_when_the_id_token_cannot_be_verified(
    desk: Desk, browser: httpx.AsyncClient
):
    """A question with the spent one would be a thief's: the person is logged out everywhere."""
    await log_in(desk, browser)
    desk.provider.forge = lambda _claims: "no.id.token"
    desk.clock.advance(EVERY)
    assert await visit(desk, browser) == 200
    desk.provider.forge = None
    desk.clock.advance(60)
    assert await visit(desk, browser) == 200
    assert questions(desk) == 2
    assert await visit(desk, browser) == 200


@pytest.mark.parametrize(
    ("fault", "times"), [(DatabaseUnavailable, 1), (UniqueViolation, 1), (UniqueViolation, 9)]
)
async def test_the_rotated_token_is_kept_when_its_answer_cannot_be_written(
    desk: Desk, browser: httpx.AsyncClient, fault: type[Exception], times: int
):
    await log_in(desk, browser)
    rechecks = desk.app.state.rechecks
    sound = rechecks._database
    rechecks._database = BreaksOff(sound, fault, times)
    desk.clock.advance(EVERY)
    assert await visit(desk, browser) == 200
    rechecks._database = sound
    desk.clock.advance(60)
    assert await visit(desk, browser) == 200
    assert await visit(desk, browser) == 200
    assert len(desk.provider.grants) == 1


@asynccontextmanager
async def another_replica(
    desk: Desk, browser: httpx.AsyncClient, database_url: str
) -> AsyncIterator[tuple[httpx.AsyncClient, Starlette]]:
    """The same browser, before another process."""
    database = await open_database(database_url)
    settings = load(Settings, environment_of(desk.provider))
    replica = build_app(settings, database, desk.clock, background=False)
    transport = httpx.ASGITransport(replica)
    async with httpx.AsyncClient(
        transport=transport, base_url=DESK, cookies=browser.cookies, headers=browser.headers
    ) as other:
        yield other, replica
    await replica.state.rechecks.close()
    await replica.state.provider.close()
    await database.close()


async def asked(desk: Desk) -> None:
    """Until the question has reached the platform."""
    for _ in range(500):
        if questions(desk):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody asked")
