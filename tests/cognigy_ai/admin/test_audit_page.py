"""/admin/audit: who did what to whom, in words; filtered, paged and exported."""

import csv
import io
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select

from cognigy_ai.audit import actions as audit
from cognigy_ai.db.tables import audit_events
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from kernel.audit.actor import OPERATOR, USER, Actor
from support.platform import ACME, Platform

PAGE = "/admin/audit"
GLOBEX = "bbbbbbbbbbbbbbbbbbbbbbbb"


async def browser_of(platform: Platform, user_id: str) -> httpx.AsyncClient:
    async with platform.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user_id, "pwd", 7200, "", platform.now)
    browser = platform.browser()
    browser.cookies.set("ai_8000_session", secret)
    return browser


@pytest.fixture
async def boss(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    user = await acme.add_user("boss@acme.example", name="The Boss", roles=("admin",))
    async with await browser_of(acme, user.id) as browser:
        yield browser


async def give_role(platform: Platform, by: str, to: str) -> None:
    with audit.acting(Actor(USER, by)):
        async with platform.database.transaction() as tx:
            await users.add_role(tx, to, "odata", platform.now)


async def id_of(platform: Platform, email: str) -> str:
    return (await users.get_by_email(platform.database, email, None)).id


async def record(platform: Platform, event: str, organisation: str = ACME) -> None:
    async with platform.database.transaction() as tx:
        await audit.record(tx, event, platform.now, organisation_id=organisation)


async def test_each_line_says_who_did_what_to_whom(acme: Platform, boss: httpx.AsyncClient) -> None:
    ada = await acme.add_user()
    await give_role(acme, await id_of(acme, "boss@acme.example"), ada.id)
    page = await boss.get(PAGE)
    assert "<title>Audit events · Cognigy.AI</title>" in page.text
    for shown in ("Role given", "The Boss", "Ada Lovelace", "<code>odata</code>", "30 days"):
        assert shown in page.text


async def test_operators_and_people_who_are_gone_are_named_as_such(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    ada = await acme.add_user()
    with audit.acting(Actor(OPERATOR)):
        async with acme.database.transaction() as tx:
            await users.delete(tx, ada.id, acme.now)
    page = await boss.get(f"{PAGE}?person={ada.id}")
    assert "Operator" in page.text
    assert "a person who was deleted" in page.text
    assert "Ada" not in page.text


async def test_another_organisations_events_are_not_shown_nor_exported(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    await record(acme, "thing.elsewhere", GLOBEX)
    there = await acme.add_user("x@globex.example", organisation=GLOBEX)
    for path in (PAGE, f"{PAGE}/export.csv", f"{PAGE}/export.jsonl"):
        for query in ("", f"?person={there.id}", f"?actor={there.id}", "?group=thing"):
            answer = await boss.get(path + query)
            assert answer.status_code == 200
            assert "elsewhere" not in answer.text
            assert "globex.example" not in answer.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("?group=user", True),
        ("?group=import", False),
        ("?from=2026-01-01&to=2026-01-01", True),
        ("?to=2025-12-31", False),
        ("?from=2026-01-02", False),
        ("?person={ada}", True),
        ("?person={boss}", False),
        ("?actor={boss}", True),
        ("?actor={ada}", False),
        ("?group=%00&person=%27&from=x&to=9999-99-99&older=1&newer=x", True),
    ],
)
async def test_a_filter_finds_what_it_says(
    acme: Platform,
    boss: httpx.AsyncClient,
    query: str,
    found: bool,  # noqa: FBT001
) -> None:
    ada, chief = await acme.add_user(), await id_of(acme, "boss@acme.example")
    await give_role(acme, chief, ada.id)
    page = await boss.get(PAGE + query.format(ada=ada.id, boss=chief))
    assert page.status_code == 200
    assert ("Role given" in page.text) is found


async def test_without_an_event_the_page_says_so(boss: httpx.AsyncClient) -> None:
    page = await boss.get(f"{PAGE}?group=nothing")
    assert "No such events" in page.text
    assert "Show everything" in page.text


async def test_pages_lead_on_and_back_with_the_filter(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    for number in range(120):
        acme.clock.advance(1)
        await record(acme, f"thing.n{number}")
    first = await boss.get(f"{PAGE}?group=thing")
    assert 'rel="prev"' not in first.text
    second = await boss.get(link(first, "next"))
    assert "thing.n69" in second.text
    assert "thing.n70" not in second.text
    third = await boss.get(link(second, "next"))
    assert 'rel="next"' not in third.text
    assert (await boss.get(link(third, "prev"))).text.count("thing.n69") > 0
    back = await boss.get(link(second, "prev"))
    assert "thing.n119" in back.text
    assert "group=thing" in link(back, "next")


def link(page: httpx.Response, rel: str) -> str:
    return page.text.split(f'rel="{rel}" href="')[1].split('"')[0].replace("&amp;", "&")


async def test_both_exports_hold_every_event_of_the_filter(
    acme: Platform, boss: httpx.AsyncClient
) -> None:
    ada = await acme.add_user()
    await give_role(acme, await id_of(acme, "boss@acme.example"), ada.id)
    query = f"?person={ada.id}"
    lines = await boss.get(f"{PAGE}/export.jsonl{query}")
    objects = [json.loads(line) for line in lines.text.splitlines()]
    assert [one["event"] for one in objects] == ["user.role_given", "user.created"]
    assert objects[0]["details"] == {"role": "odata"}
    assert objects[0]["at"] == "2026-01-01T00:00:00Z"
    assert objects[0]["user_email"] == "ada@acme.example"
    table = await boss.get(f"{PAGE}/export.csv{query}")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [one["id"] for one in objects]
    assert json.loads(rows[0]["details"]) == {"role": "odata"}
    for answer, name in ((lines, "jsonl"), (table, "csv")):
        disposition = answer.headers["content-disposition"]
        assert disposition == f'attachment; filename="audit-events.{name}"'
        assert answer.headers["cache-control"] == "no-store"
    told = select(audit_events.c.details).where(audit_events.c.event == "audit.exported")
    details = [json.loads(row["details"]) for row in await acme.database.all(told)]
    assert {one["format"] for one in details} == {"jsonl", "csv"}
    assert all(one["filter"] == ["person"] for one in details)
    assert "Audit log exported" in (await boss.get(PAGE + "?group=audit")).text


async def test_a_long_export_is_complete(acme: Platform, boss: httpx.AsyncClient) -> None:
    async with acme.database.transaction() as tx:
        for number in range(700):
            await audit.record(tx, f"thing.n{number}", acme.now, organisation_id=ACME)
    answer = await boss.get(f"{PAGE}/export.jsonl?group=thing")
    events = {json.loads(line)["event"] for line in answer.text.splitlines()}
    assert events == {f"thing.n{number}" for number in range(700)}


async def test_there_is_no_export_of_another_kind(boss: httpx.AsyncClient) -> None:
    assert (await boss.get(f"{PAGE}/export.pdf")).status_code == 404


@pytest.mark.parametrize(
    ("roles", "status"),
    [
        (("admin",), 200),
        (("fullSupportUser",), 200),
        (("userManager",), 403),
        (("liveAgentAdmin",), 403),
    ],
)
async def test_who_may_read(acme: Platform, roles: tuple[str, ...], status: int) -> None:
    user = await acme.add_user(roles=roles)
    async with await browser_of(acme, user.id) as browser:
        for path in (PAGE, f"{PAGE}/export.csv"):
            assert (await browser.get(path)).status_code == status
    async with acme.browser() as stranger:
        assert (await stranger.get(PAGE)).status_code == 303
