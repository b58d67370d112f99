"""The audit log of an account: logins, roles, moves, exports; and nobody else's."""

import json

import pytest

from kernel.audit.sealer import seal_batch
from kernel.db import Database
from live_agent.audit import actions as audit
from support.office import ADMIN, Office, read_as_admin

GLOBEX = "b" * 24


def place(office: Office, rest: str = "") -> str:
    return f"/app/accounts/{office.account.id}/settings/audit{rest}"


async def read(office: Office, rest: str = "") -> str:
    return await read_as_admin(office, place(office, rest))


async def test_a_login_is_told_with_its_person_and_reference(office: Office):
    await office.enter(reference="QQQQQQQQQQQQ")
    text = await read(office)
    assert "Ada Lovelace" in text
    assert "Signed in" in text
    assert "QQQQQQQQQQQQ" in text


async def test_roles_are_told_with_before_and_after(office: Office):
    await office.enter(roles=("agent",))
    await office.enter(roles=("agent", "supervisor"), access_revision=2)
    [event] = await office.events("user.roles_changed")
    assert json.loads(event["details"]) == {"before": ["agent"], "after": ["agent", "supervisor"]}
    text = await read(office)
    assert "Roles changed" in text
    assert "agent, supervisor" in text


async def test_a_role_that_the_platform_took_is_told_of_whoever_had_it(office: Office):
    """A login that brings no role any more."""
    await office.enter(roles=("agent",))
    await office.refusal(roles=(), access_revision=2)
    [event] = await office.events("user.roles_changed")
    assert json.loads(event["details"]) == {"before": ["agent"], "after": []}


async def test_no_name_and_no_address_stands_in_the_trail(office: Office):
    await office.enter(name="Ada Secretname", email="ada@acme.example")
    await office.enter(name="Ada Newname", email="new@acme.example")
    [changed] = await office.events("user.changed")
    assert json.loads(changed["details"]) == {"changed": ["name", "email"]}
    for row in await office.rows("audit_events"):
        for word in ("Secretname", "Newname", "ada@", "new@"):
            assert word not in row["details"]


async def test_whoever_logs_in_is_the_one_who_acts(office: Office):
    entered = await office.enter()
    [event] = await office.events("login.succeeded")
    assert (event["actor_kind"], event["actor_id"]) == ("user", entered.user_id)


async def test_another_accounts_events_are_not_seen(office: Office):
    await office.add_account("Globex", GLOBEX)
    await office.enter(
        subject="gil", organisation=GLOBEX, email="gil@globex.example", name="Gil Globex"
    )
    assert "Gil Globex" not in await read(office)
    gil = (await office.events("login.succeeded"))[0]["user_id"]
    assert "Gil Globex" not in await read(office, f"?person={gil}")


async def test_the_filter_narrows_and_the_export_holds_what_it_finds(office: Office):
    await office.enter()
    text = await read(office, "?group=account")
    assert "Account created" in text
    assert "Signed in" not in text.split("<table")[1]
    browser = await office.signed_in_browser(**ADMIN)
    lines = (await browser.get(place(office, "/export.jsonl?group=login"))).text.splitlines()
    events = [json.loads(line) for line in lines]
    assert {event["event"] for event in events} == {"login.succeeded"}
    assert {event["account_id"] for event in events} == {office.account.id}
    sheet = (await browser.get(place(office, "/export.csv"))).text
    assert "account_id" in sheet.splitlines()[0]
    [one, two] = await office.events("audit.exported")
    assert {json.loads(row["details"])["format"] for row in (one, two)} == {"jsonl", "csv"}
    assert (await browser.get(place(office, "/export.pdf"))).status_code == 404


async def test_an_export_notes_which_filters_it_had_and_nothing_that_was_made_up(office: Office):
    browser = await office.signed_in_browser(**ADMIN)
    made_up = "ada%40acme.example=1&" + "x" * 3000
    await browser.get(place(office, f"/export.csv?group=login&{made_up}"))
    [event] = await office.events("audit.exported")
    assert json.loads(event["details"]) == {"format": "csv", "filter": ["group"]}


async def test_a_supervisor_sees_nothing_of_it(office: Office):
    browser = await office.signed_in_browser(roles=("supervisor",))
    for rest in ("", "/export.csv"):
        assert (await browser.get(place(office, rest))).status_code == 403
    assert await office.events("audit.exported") == []


async def test_the_chain_over_the_events_shows_what_was_changed(office: Office):
    await office.enter()
    assert await seal_batch(office.database, audit.TRAIL.seals, office.now) >= 3
    good = await audit.TRAIL.verify(office.database)
    assert good.broken is None
    assert good.unsealed == 0
    await _forge(office.database)
    assert (await audit.TRAIL.verify(office.database)).broken == 1


async def _forge(database: Database) -> None:
    from sqlalchemy import text

    await database.one(
        text("UPDATE audit_events SET user_id = NULL WHERE event = 'login.succeeded'")
    )


@pytest.mark.parametrize("who", ["operator", "platform"])
async def test_whoever_acts_without_a_session_is_named(office: Office, who: str):
    with audit.acting(audit.Actor(who)):
        await audit.record(
            office.database, "account.renamed", office.now, account_id=office.account.id
        )
    text = await read(office)
    assert {"operator": "Operator", "platform": "Cognigy.AI"}[who] in text
