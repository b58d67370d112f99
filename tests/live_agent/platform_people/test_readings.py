"""Asking the platform who is there: what is kept, how often it asks, and what a failure leaves."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from starlette.responses import HTMLResponse, JSONResponse

from kernel.db import Database
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents.actions import OldUser
from live_agent.db import tables
from live_agent.platform_people import actions as platform_people
from live_agent.platform_people.rules import Failure, Person, Reading, loose_key
from support.clock import FrozenClock
from support.oauth_desk import Desk, environment_of, running_desk
from support.provider import Provider, running_provider

PEOPLE = "/v2.0/live-agent/people"


@pytest.fixture(scope="module")
def _provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
async def desk(database: Database, clock: FrozenClock, _provider: Provider) -> AsyncIterator[Desk]:
    _provider.start_over(clock)
    async with running_desk(database, clock, _provider, environment_of(_provider)) as desk:
        yield desk
        await desk.app.state.readings.close()


def somebody(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "sub": f"sub-{name}",
        "email": f"{name}@acme.example",
        "email_verified": True,
        "name": name.title(),
        "locale": "en",
        "roles": ["base_role", "liveAgentAgent"],
        "access_revision": 1,
        "disabled": False,
    } | changes


async def read(desk: Desk) -> tuple[list[Person], Reading]:
    account = await accounts.find(desk.database, desk.account_id)
    assert account is not None
    await desk.app.state.readings.read_now(account)
    people = await platform_people.list_people(desk.database, desk.account_id)
    return people, await platform_people.find_reading(
        desk.database, desk.account_id, desk.clock.now()
    )


async def test_whoever_may_enter_is_kept_and_strangers_are_not(desk: Desk):
    old = OldUser(desk.account_id, "Zoë@acme.example", "Zoë", ("agent",), None, confirmed=True)
    async with desk.database.transaction() as tx:
        await agents.create_old(tx, old, desk.clock.now())
    desk.provider.people = [
        somebody("ada"),
        somebody("stranger", roles=["projectManager"]),
        somebody("zoe", email="ZOË@acme.example", roles=[]),
        somebody("sam", roles=["liveAgentSupervisor", "admin"], disabled=True),
        somebody("nonsense", sub=""),
    ]
    people, reading = await read(desk)
    assert [one.email for one in people] == [
        "ada@acme.example", "sam@acme.example", "ZOË@acme.example",
    ]  # fmt: skip
    assert people[1].roles == ("administrator", "supervisor")
    assert people[1].disabled
    assert (reading.people, reading.failure) == (5, None)
    assert reading.read_at == desk.clock.now()


async def test_only_true_is_verified_as_at_a_login(desk: Desk):
    """Lesson 4."""
    for n, said in enumerate([True, "true", 1, None]):
        desk.provider.people.append(somebody(f"p{n}", email_verified=said))
    people, _ = await read(desk)
    assert [one.email_verified for one in people] == [True, False, False, False]


async def test_it_asks_with_a_token_of_its_own_organisation(desk: Desk):
    await read(desk)
    (call,) = desk.provider.called("/token")
    assert call.form["grant_type"] == "client_credentials"
    assert call.form["scope"].startswith("organisationId=")


async def test_of_many_who_look_at_once_one_asks(desk: Desk):
    desk.provider.people = [somebody("ada")]
    account = await accounts.find(desk.database, desk.account_id)
    assert account is not None
    readings = desk.app.state.readings
    await asyncio.gather(*(readings.read_now(account) for _ in range(8)))
    assert len(desk.provider.called(PEOPLE)) == 1
    await readings.read_now(account)
    assert len(desk.provider.called(PEOPLE)) == 1, "it was asked a moment ago"
    desk.clock.advance(61)
    await readings.read_now(account)
    assert len(desk.provider.called(PEOPLE)) == 2


@pytest.mark.parametrize(
    ("path", "answer", "failure"),
    [
        (PEOPLE, lambda: JSONResponse({}, 404), Failure.NOT_OFFERED),
        (PEOPLE, lambda: JSONResponse({}, 403), Failure.REFUSED),
        (PEOPLE, lambda: JSONResponse({}, 500), Failure.UNREACHABLE),
        (PEOPLE, lambda: JSONResponse({"items": 7}), Failure.NONSENSE),
        (PEOPLE, lambda: HTMLResponse("<h1>Welcome</h1>"), Failure.NONSENSE),
        ("/token", lambda: JSONResponse({"error": "invalid_client"}, 401), Failure.REFUSED),
        ("/token", lambda: JSONResponse({}, 503), Failure.UNREACHABLE),
    ],
    ids=["absent", "forbidden", "broken", "no_list", "html", "no_token", "no_token_now"],
)
async def test_a_failure_is_noted_and_the_last_known_stays(
    desk: Desk, path: str, answer: Any, failure: Failure
):
    desk.provider.people = [somebody("ada")]
    before, first = await read(desk)
    desk.clock.advance(120)
    desk.provider.answers[path] = answer
    people, reading = await read(desk)
    assert people == before
    assert (reading.read_at, reading.failure) == (first.read_at, failure)
    assert reading.failed_at == desk.clock.now()


async def test_a_process_that_died_while_it_asked_is_followed_by_another(desk: Desk):
    account = await accounts.find(desk.database, desk.account_id)
    assert account is not None
    desk.provider.people = [somebody("ada")]
    from live_agent.platform_people import store

    now = desk.clock.now()
    assert await store.lease(desk.database, account.id, now, now + 120, now)
    people, reading = await read(desk)
    assert (people, reading.asking) == ([], True)
    desk.clock.advance(121)
    people, reading = await read(desk)
    assert (len(people), reading.asking) == (1, False)


async def test_what_the_platform_said_goes_with_the_account(desk: Desk):
    from live_agent.migration import actions as migration

    desk.provider.people = [somebody("ada")]
    await read(desk)
    async with desk.database.transaction() as tx:
        await migration.delete_account(tx, desk.account_id, desk.clock.now(), by="operator")
    assert await desk.database.all(select(tables.platform_people)) == []


@pytest.mark.parametrize(
    "other",
    ["ADA@ACME.EXAMPLE", " ada@acme.example ", "ada @acme.example", "ada@acme\u200b.example"],
)
def test_addresses_that_look_alike_have_one_loose_key(other: str):
    assert loose_key(other) == loose_key("ada@acme.example")


def test_addresses_of_two_people_have_two():
    assert loose_key("ada@acme.example") != loose_key("ade@acme.example")
    assert loose_key("a.da@acme.example") != loose_key("ada@acme.example")
