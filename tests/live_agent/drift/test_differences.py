"""Settings → Differences: what the platform says is taken over, and nothing that was overtaken."""

import asyncio
import html
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from kernel.db import Database, DatabaseUnavailable
from live_agent.accounts import actions as accounts
from live_agent.db import tables
from live_agent.drift import actions as drift
from live_agent.drift.actions import Settled
from live_agent.settings import Settings
from live_agent.subjects import actions as subjects
from support.breaking import BreaksOff
from support.clock import FrozenClock
from support.command_line import CommandLine
from support.oauth_desk import Desk, environment_of, running_desk
from support.office import Office, submit
from support.provider import ORGANISATION, Provider, running_provider
from support.servers import CommandFailed
from support.visitor import Form, forms_of


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
async def desk(database: Database, clock: FrozenClock, provider: Provider) -> AsyncIterator[Desk]:
    provider.start_over(clock)
    async with running_desk(database, clock, provider, environment_of(provider)) as desk:
        yield desk
        await desk.app.state.readings.close()


@pytest.fixture
async def office(desk: Desk) -> Office:
    office = Office(desk.app, desk.database, desk.clock)
    account = await accounts.find(desk.database, desk.account_id)
    assert account is not None
    office.account = account
    return office


async def come(office: Office, desk: Desk, name: str, /, **changes: Any) -> str:
    """Somebody logs in at the desk; the id of their user."""
    claims: dict[str, Any] = {
        "issuer": desk.provider.url, "organisation": ORGANISATION, "subject": f"sub-{name}",
        "email": f"{name}@acme.example", "name": name.title(), "sid": f"sid-{name}",
    }  # fmt: skip
    return (await office.enter(**(claims | changes))).user_id


def said(name: str, /, **changes: Any) -> dict[str, Any]:
    return {
        "sub": f"sub-{name}", "email": f"{name}@acme.example", "email_verified": True,
        "name": name.title(), "locale": "en", "roles": ["liveAgentAgent"],
        "access_revision": 2, "disabled": False,
    } | changes  # fmt: skip


async def read(office: Office) -> None:
    await office.state.readings.read_now(office.account, newer_than=0)


async def the_administrator(office: Office, desk: Desk) -> httpx.AsyncClient:
    claims = {"issuer": desk.provider.url, "organisation": ORGANISATION, "subject": "sub-root"}
    return await office.signed_in_browser(
        **claims, email="root@acme.example", name="Root", roles=("administrator",)
    )


ROOT = said("root", roles=["admin"], access_revision=1)


def place(office: Office) -> str:
    return f"/app/accounts/{office.account.id}/settings/differences"


def the_table(office: Office, page: httpx.Response) -> Form:
    of_page = [one for one in forms_of(page.text) if one.action == place(office)]
    return next(one for one in of_page if "deed" not in one.fields)


async def test_everything_is_taken_over_at_once(office: Office, desk: Desk):
    users = {name: await come(office, desk, name) for name in ("ann", "bob", "cyd", "dan", "eve")}
    desk.provider.people = [
        ROOT,
        said("ann", roles=[]),
        said("bob", disabled=True),
        said("dan", roles=["liveAgentSupervisor"]),
        said("eve", email="eva@acme.example", name="Eva"),
        said("new"),
    ]  # cyd is gone
    browser = await the_administrator(office, desk)
    desk.clock.advance(1)
    await read(office)
    page = await browser.get(place(office))
    text = html.unescape(page.text)
    for expected in ("Deleted in Cognigy.AI", "Take over for all 5 people", "eva@acme.example"):
        assert expected in text
    form = the_table(office, page)
    answer = await submit(browser, form, deed="all")
    told = html.unescape((await browser.get(answer.headers["location"])).text)
    assert "Taken over for 5 people." in told
    live = {row["user_id"] for row in await office.rows("sessions") if row["ended_at"] is None}
    assert not live & {users["ann"], users["bob"], users["cyd"]}
    assert {users["dan"], users["eve"]} <= live
    assert (await office.user(users["ann"]))["roles"] == ""
    assert (await office.user(users["cyd"]))["disabled_at"] is not None
    assert (await office.user(users["dan"]))["roles"] == "supervisor"
    assert (await office.user(users["eve"]))["email"] == "eva@acme.example"
    events = await office.events("drift.settled")
    assert {row["user_id"] for row in events} == set(users.values())
    left = await drift.report(office.database, office.account, desk.provider.url, office.now)
    assert [one.name for one in left.differences] == ["New"]


async def test_only_the_chosen_are_taken_over(office: Office, desk: Desk):
    ann, bob = await come(office, desk, "ann"), await come(office, desk, "bob")
    desk.provider.people = [ROOT, said("ann", roles=[]), said("bob", roles=[])]
    browser = await the_administrator(office, desk)
    await read(office)
    page = await browser.get(place(office))
    form = the_table(office, page)
    await submit(browser, form, **{"deed": "chosen", f"user.{bob}": "1", "user.us_nobody": "1"})
    assert (await office.user(ann))["roles"] == "agent"
    assert (await office.user(bob))["roles"] == ""


async def test_what_changed_after_the_reading_is_left_alone(office: Office, desk: Desk):
    """Somebody whose role came back, and somebody who was made anew, logged in meanwhile."""
    ann, cyd = await come(office, desk, "ann"), await come(office, desk, "cyd")
    desk.provider.people = [ROOT, said("ann", roles=[], access_revision=2)]
    desk.clock.advance(1)
    await read(office)
    desk.clock.advance(5)
    await come(office, desk, "ann", access_revision=3)
    await come(office, desk, "cyd")
    found = await drift.settle(office.state, office.account, None, "ABCDEFGHIJKL", office.now)
    assert (found.done, found.overtaken) == (0, 2)
    assert (await office.user(ann))["roles"] == "agent"
    assert (await office.user(cyd))["disabled_at"] is None
    assert await office.events("drift.settled") == []


async def test_whoever_came_while_the_platform_was_being_read_is_not_gone(
    office: Office, desk: Desk
):
    """Made at the platform after the page on which they would stand had been read."""
    cyd = await come(office, desk, "cyd")
    desk.provider.people = [ROOT]
    desk.clock.advance(10)
    desk.provider.delay = 1
    reading = asyncio.create_task(read(office))
    for _ in range(500):
        if desk.provider.calls:
            break
        await asyncio.sleep(0.01)
    desk.clock.advance(2)
    await come(office, desk, "cyd")
    new = await come(office, desk, "new")
    desk.clock.advance(2)
    await reading
    desk.provider.delay = 0
    found = await drift.settle(office.state, office.account, None, "ABCDEFGHIJKL", office.now)
    assert (found.done, found.overtaken) == (0, 2)
    assert {(await office.user(one))["disabled_at"] for one in (cyd, new)} == {None}


async def test_a_login_that_is_about_to_commit_is_waited_for(office: Office, desk: Desk):
    """It holds the row of its identity; what it writes is seen before anything is taken away."""
    cyd = await come(office, desk, "cyd")
    desk.provider.people = [ROOT]
    desk.clock.advance(1)
    await read(office)
    desk.clock.advance(1)
    async with office.database.transaction() as login:
        await subjects.note(login, desk.provider.url, "sub-cyd", None, office.now)
        settling = asyncio.create_task(settle(office))
        await asyncio.wait([settling], timeout=0.5)
        of_cyd = tables.users.c.id == cyd
        await login.one(update(tables.users).where(of_cyd).values(last_login_at=office.now))
    assert await settling == Settled(done=0, overtaken=1)
    assert (await office.user(cyd))["disabled_at"] is None
    assert {row["ended_at"] for row in await office.rows("sessions")} == {None}


async def test_the_account_is_locked_before_the_identity_as_everywhere(office: Office, desk: Desk):
    """Or PostgreSQL breaks off one of two that meet: a deadlock."""
    await come(office, desk, "cyd")
    desk.provider.people = [ROOT]
    desk.clock.advance(1)
    await read(office)
    async with office.database.transaction() as tx:
        await accounts.lock(tx, office.account.id)
        settling = asyncio.create_task(settle(office))
        await asyncio.wait([settling], timeout=0.5)
        free = select(tables.subjects.c.subject).with_for_update(skip_locked=True)
        assert [row["subject"] for row in await tx.all(free)] == ["sub-cyd"]
    assert await settling == Settled(done=1, overtaken=0)


@pytest.mark.parametrize(("times", "done"), [(1, 3), (2, 1)], ids=["once", "for long"])
async def test_a_database_that_breaks_off_one_person_loses_no_count(
    office: Office, desk: Desk, times: int, done: int
):
    for name in ("ann", "bob", "cyd"):
        await come(office, desk, name)
    desk.provider.people = [ROOT]
    desk.clock.advance(1)
    await read(office)
    broken = BreaksOff(office.database, DatabaseUnavailable, times, sound=1)
    tools = Tools(office.state.settings, broken)
    found = await drift.settle(tools, office.account, None, "ABCDEFGHIJKL", office.now)
    assert found == Settled(done, 3 - done)
    assert len(await office.events("drift.settled")) == done
    assert await settle(office) == Settled(3 - done, 0)


async def test_the_last_administrator_stays_although_the_platform_has_deleted_everybody(
    office: Office, desk: Desk
):
    """Or nobody could lead the account, and only its operator could mend it."""
    cyd = await come(office, desk, "cyd")
    browser = await the_administrator(office, desk)
    await come(office, desk, "bob", roles=("administrator",))
    desk.provider.people = []
    desk.clock.advance(1)
    await read(office)
    page = await browser.get(place(office))
    answer = await submit(browser, the_table(office, page), deed="all")
    assert "done=2&overtaken=1" in answer.headers["location"]
    assert (await office.user(cyd))["disabled_at"] is not None
    administrators = [row for row in await office.users() if row["roles"] == "administrator"]
    [left] = [row for row in administrators if row["disabled_at"] is None]
    alive = {row["user_id"] for row in await office.rows("sessions") if row["ended_at"] is None}
    assert alive == {left["id"]}, "what was begun to be taken away is undone"
    assert len(await office.events("drift.settled")) == 2


async def test_an_address_that_a_colleague_holds_becomes_a_conflict(office: Office, desk: Desk):
    await come(office, desk, "ann")
    bob = await come(office, desk, "bob")
    desk.provider.people = [ROOT, said("ann"), said("bob", email="ann@acme.example")]
    await read(office)
    await drift.settle(office.state, office.account, None, "ABCDEFGHIJKL", office.now)
    assert (await office.user(bob))["email"] == "bob@acme.example"
    [conflict] = await office.rows("conflicts")
    assert conflict["kind"] == "address_held"
    assert (conflict["name"], conflict["roles"]) == ("Bob", "agent")


async def test_a_platform_that_does_not_answer_changes_nothing(office: Office, desk: Desk):
    ann = await come(office, desk, "ann")
    desk.provider.people = None
    await read(office)
    found = await drift.settle(office.state, office.account, None, "ABCDEFGHIJKL", office.now)
    assert (found.done, found.overtaken) == (0, 0)
    assert (await office.user(ann))["roles"] == "agent"


async def test_another_deed_is_refused(office: Office, desk: Desk):
    browser = await the_administrator(office, desk)
    desk.provider.people = [ROOT, said("new")]
    await read(office)
    page = await browser.get(place(office))
    form = next(one for one in forms_of(page.text) if one.action == place(office))
    assert (await submit(browser, form, deed="everything")).status_code == 400


def test_the_command_line_shows_first_and_takes_over_when_told(
    database_url: str, clock: FrozenClock, provider: Provider
):
    from live_agent.cli.commands import cli

    provider.start_over(clock)
    provider.people = [said("new")]
    environment = environment_of(provider, DATABASE_URL=database_url)
    line = CommandLine(lambda words: cli(words), environment)
    line.run("accounts", "create", "Acme", "--organisation", ORGANISATION)
    assert "Has a role" in line.run("drift", "--account", "1")
    told = line.run_json("drift", "--account", "1", "--settle")
    assert [one["lines"][0]["kind"] for one in told["differences"]] == ["never_came"]
    assert (told["settled"], told["overtaken"]) == (0, 0)
    provider.people = None  # type: ignore[assignment]  # it fails
    with pytest.raises(CommandFailed, match="were not read"):
        line.run("drift", "--account", "1")
    with pytest.raises(CommandFailed, match="no account 7"):
        line.run("drift", "--account", "7")


async def settle(office: Office) -> Settled:
    return await drift.settle(office.state, office.account, None, "ABCDEFGHIJKL", office.now)


@dataclass(frozen=True)
class Tools:
    settings: Settings
    database: Any
