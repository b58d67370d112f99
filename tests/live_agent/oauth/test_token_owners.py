"""Owners of API tokens are asked about at the platform (DESIGN section 3 rule 6)."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from starlette.responses import HTMLResponse, JSONResponse, Response

from live_agent.db import tables
from support.event_tokens import RISC, tell
from support.oauth_desk import DESK, Desk, log_in
from support.provider import SUBJECT
from support.visitor import forms_of

EVERY, GRACE = 300, 3600
PERSON = f"/v2.0/users/{SUBJECT}"


def said(**changes: Any) -> Response:
    return JSONResponse({"disabled": False, "roles": ["liveAgentAgent"]} | changes)


@pytest.fixture
async def token(desk: Desk, browser: httpx.AsyncClient) -> AsyncIterator[str]:
    """Of somebody who has logged in once, and whose session is over."""
    desk.provider.answers[PERSON] = said
    await log_in(desk, browser)
    page = await browser.get(f"/app/accounts/{desk.account_id}/profile")
    form = next(one for one in forms_of(page.text) if one.action.endswith("/profile/api-tokens"))
    made = await browser.post(form.action, data=form.fields | {"name": "report"})
    await browser.post("/logout", data={"csrf_token": form.fields["csrf_token"]})
    yield re.findall(r"la_[\w-]{43}", made.text)[0]
    await desk.app.state.owners.close()
    await desk.app.state.readings.close()


async def use(desk: Desk, token: str) -> httpx.Response:
    """One request, and the question beside it answered."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(desk.app), base_url=DESK) as program:
        answer = await program.get("/api/v1/profile", headers={"api_access_token": token})
    await desk.app.state.owners.close()
    return answer


def questions(desk: Desk) -> int:
    return len(desk.provider.called(PERSON))


async def test_the_owner_is_asked_about_when_it_is_due_and_once_however_many_requests(
    desk: Desk, token: str
):
    desk.clock.advance(EVERY - 1)
    assert (await use(desk, token)).status_code == 200
    assert questions(desk) == 0
    desk.clock.advance(1)
    answers = await asyncio.gather(*(use(desk, token) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert questions(desk) == 1
    assert (await use(desk, token)).status_code == 200
    assert questions(desk) == 1


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (lambda: said(disabled=True), "user_disabled"),
        (lambda: said(roles=["projectManager"]), "roles_taken"),
        (lambda: said(roles="liveAgentAgent"), "roles_taken"),
        (lambda: said(disabled=None), "user_disabled"),
        (lambda: JSONResponse({"code": "user_unknown"}, 404), "user_deleted"),
    ],
    ids=["disabled", "no role", "roles are no list", "unsaid", "deleted"],
)
async def test_an_owner_without_access_ends_the_token(
    desk: Desk, token: str, answer: Any, because: str
):
    desk.provider.answers[PERSON] = answer
    desk.clock.advance(EVERY)
    assert (await use(desk, token)).status_code == 200
    assert (await use(desk, token)).status_code == 401
    row = await desk.database.one(
        select(tables.audit_events).where(tables.audit_events.c.event == "api_token.ended")
    )
    assert row is not None
    assert because in row["details"]


async def test_new_roles_come_with_the_answer(desk: Desk, token: str):
    desk.provider.answers[PERSON] = lambda: said(roles=["liveAgentSupervisor"])
    desk.clock.advance(EVERY)
    assert (await use(desk, token)).json()["roles"] == ["agent"]
    assert (await use(desk, token)).json()["roles"] == ["supervisor"]


async def test_an_answer_that_a_signal_has_overtaken_gives_nothing_back(desk: Desk, token: str):
    """The platform answered before the role was taken, and the signal came before the answer."""
    desk.clock.advance(EVERY)
    desk.provider.delay = 0.3
    asking = asyncio.create_task(use(desk, token))
    await asyncio.sleep(0.1)
    users = tables.users
    await desk.database.one(update(users).values(roles="supervisor", access_revision=9))
    await asking
    row = await desk.database.one(select(users))
    assert row is not None
    assert row["roles"] == "supervisor"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response("down", 503),
        lambda: HTMLResponse("<h1>Welcome</h1>"),
        lambda: JSONResponse({"error": "invalid_token"}, 401),
    ],
    ids=["503", "a page", "refused"],
)
async def test_while_the_platform_cannot_say_the_token_works_for_the_grace_time(
    desk: Desk, token: str, answer: Any
):
    desk.provider.answers[PERSON] = answer
    desk.clock.advance(EVERY)
    assert (await use(desk, token)).status_code == 200
    desk.clock.advance(GRACE - EVERY)
    refused = await use(desk, token)
    assert (refused.status_code, refused.json()["code"]) == (503, "api_token_unconfirmed")
    assert refused.headers["retry-after"] == "20"
    del desk.provider.answers[PERSON]
    desk.provider.answers[PERSON] = said
    desk.clock.advance(20)
    assert (await use(desk, token)).status_code == 200  # it was never ended


async def test_after_a_long_silence_the_answer_is_waited_for(desk: Desk, token: str):
    desk.provider.answers[PERSON] = lambda: said(disabled=True)
    desk.clock.advance(GRACE)
    assert (await use(desk, token)).status_code == 401


async def test_a_provider_that_has_no_such_address_is_not_taken_for_a_no(desk: Desk, token: str):
    desk.provider.answers[PERSON] = lambda: JSONResponse({"detail": "Not Found"}, 404)
    desk.clock.advance(GRACE * 2)
    assert (await use(desk, token)).status_code == 200
    assert (await use(desk, token)).status_code == 200


async def test_a_signal_ends_the_token_at_once(desk: Desk, token: str):
    await tell(desk, RISC + "account-disabled", access_revision=2)
    assert (await use(desk, token)).status_code == 401
    assert questions(desk) == 0
