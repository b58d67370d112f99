"""Live Agent proposes people; an admin of the organisation makes all, some or none of them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cognigy_ai.sessions import actions as sessions
from cognigy_ai.tokens import actions as tokens
from support.platform import ACME, BASE, Platform, submit

GLOBEX = "b" * 24
PROPOSALS = "/v2.0/live-agent/proposals"
PEOPLE = [
    {"email": "bob@acme.example", "name": "Bob", "roles": ["liveAgentAgent"]},
    {"email": "cy@acme.example", "name": "Cy", "roles": ["liveAgentSupervisor"]},
]
GOOD: dict[str, Any] = {"id": "mr_1-0", "proposedBy": "Ada of Acme", "people": PEOPLE}


async def desk_of(platform: Platform, organisation: str) -> httpx.AsyncClient:
    client_id = platform.app.state.settings.client_id_cognigy_live_agent
    made = await tokens.issue_for_client(
        platform.database, client_id, organisation, 900, platform.now
    )
    assert made is not None
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(platform.app),
        base_url=BASE,
        headers={"authorization": f"Bearer {made.access_token}"},
    )


@pytest.fixture
async def desk(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with await desk_of(acme, ACME) as desk:
        yield desk


async def browser_of(platform: Platform, email: str, roles: tuple[str, ...]) -> httpx.AsyncClient:
    user = await platform.add_user(email, roles=roles)
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", 7200, "", platform.now)
    browser = platform.browser()
    browser.cookies.set("ai_8000_session", secret)
    return browser


async def address_of(browser: httpx.AsyncClient) -> str:
    """Where the admin decides, as the page of lists leads there."""
    page = await browser.get("/admin/imports")
    assert "Live Agent proposes people" in page.text
    assert "Decide about 2 people" in page.text
    return page.text.split('href="/admin/imports/')[1].split('"')[0].join(("/admin/imports/", ""))


async def press(browser: httpx.AsyncClient, address: str, deed: str, **fields: str) -> None:
    page = await browser.get(address)
    answer = await submit(browser, page, f"{address}/{deed}", **fields)
    assert answer.status_code == 303


async def people(desk: httpx.AsyncClient) -> set[str]:
    found = (await desk.get("/v2.0/live-agent/people")).json()["items"]
    return {one["email"] for one in found if not one["email"].startswith("boss")}


async def test_a_proposal_makes_nobody_by_itself(acme: Platform, desk: httpx.AsyncClient):
    answer = await desk.post(PROPOSALS, json=GOOD)
    assert (answer.status_code, answer.json()["state"]) == (201, "checked")
    assert not await acme.app.state.importer.work(), "nobody has started it"
    assert await people(desk) == set()


async def test_an_admin_starts_it_and_the_people_are_invited(
    acme: Platform, desk: httpx.AsyncClient
):
    await desk.post(PROPOSALS, json=GOOD)
    async with await browser_of(acme, "boss@acme.example", ("admin",)) as boss:
        await press(boss, await address_of(boss), "start")
    assert await acme.app.state.importer.work()
    assert await people(desk) == {"bob@acme.example", "cy@acme.example"}
    state = (await desk.get(f"{PROPOSALS}/{GOOD['id']}")).json()
    assert (state["state"], state["done"], state["total"]) == ("done", 2, 2)
    found = (await desk.get("/v2.0/live-agent/people")).json()["items"]
    roles = {one["email"]: one["roles"] for one in found}
    assert "liveAgentSupervisor" in roles["cy@acme.example"]


async def test_whoever_is_declined_is_not_made(acme: Platform, desk: httpx.AsyncClient):
    await desk.post(PROPOSALS, json=GOOD)
    async with await browser_of(acme, "boss@acme.example", ("admin",)) as boss:
        address = await address_of(boss)
        await press(boss, address, "decline", **{"row.1": "1"})
        await press(boss, address, "start")
        assert await acme.app.state.importer.work()
        page = await boss.get(address)
    assert await people(desk) == {"cy@acme.example"}
    assert "This person was declined." in page.text
    assert (await desk.get(f"{PROPOSALS}/{GOOD['id']}")).json()["done"] == 2


async def test_it_runs_with_the_rights_of_whoever_starts_it(
    acme: Platform, desk: httpx.AsyncClient
):
    """Lesson 20: what Live Agent asks for gives nobody more than its admin could give."""
    admin = {"email": "eve@acme.example", "name": "Eve", "roles": ["admin"]}
    refused = await desk.post(PROPOSALS, json=GOOD | {"people": [admin]})
    assert refused.status_code == 400, "the role admin is not for a proposal"
    await desk.post(PROPOSALS, json=GOOD)
    async with await browser_of(acme, "viewer@acme.example", ("userDetailsViewer",)) as viewer:
        assert (await viewer.get("/admin/imports")).status_code == 403


async def test_the_same_proposal_is_taken_once(acme: Platform, desk: httpx.AsyncClient):
    answers = await asyncio.gather(*(desk.post(PROPOSALS, json=GOOD) for _ in range(4)))
    assert {one.status_code for one in answers} == {200, 201}
    assert sum(one.status_code == 201 for one in answers) == 1
    async with await browser_of(acme, "boss@acme.example", ("admin",)) as boss:
        assert (await boss.get("/admin/imports")).text.count("People of Live Agent</a>") == 1


async def test_another_organisation_has_its_own(acme: Platform, desk: httpx.AsyncClient):
    await acme.add_organisation(GLOBEX, "Globex")
    await desk.post(PROPOSALS, json=GOOD)
    async with await desk_of(acme, GLOBEX) as other:
        assert (await other.get(f"{PROPOSALS}/{GOOD['id']}")).status_code == 404
        assert (await other.post(PROPOSALS, json=GOOD)).status_code == 201
    async with await browser_of(acme, "boss@acme.example", ("admin",)) as boss:
        assert (await boss.get("/admin/imports")).text.count("People of Live Agent</a>") == 1


async def test_a_discarded_one_is_not_there_any_more(acme: Platform, desk: httpx.AsyncClient):
    await desk.post(PROPOSALS, json=GOOD)
    async with await browser_of(acme, "boss@acme.example", ("admin",)) as boss:
        await press(boss, await address_of(boss), "discard")
    assert (await desk.get(f"{PROPOSALS}/{GOOD['id']}")).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"people": []}, {"id": "a/b"}, {"proposedBy": ""}, {"people": PEOPLE * 101}],
    ids=["nobody", "id", "unnamed", "too_many"],
)
async def test_what_is_no_proposal_is_refused(desk: httpx.AsyncClient, change: dict[str, Any]):
    assert (await desk.post(PROPOSALS, json=GOOD | change)).status_code == 400
