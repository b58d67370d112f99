"""How far everybody is: the states, their counts, the page, the download and the command."""

import csv
import html
import io
import json
import re

import httpx
import pytest
from sqlalchemy import select, update

from live_agent.db import tables
from live_agent.moves.actions import Group, State
from live_agent.moves.burn_down import burn_down
from support.moves_town import STATES, Town, add_conflict


def place(town: Town, below: str = "") -> str:
    return f"/app/accounts/{town.account_id}/settings/migration{below}"


async def administrator(town: Town) -> httpx.AsyncClient:
    return await town.office.signed_in_browser(
        subject="boss", email="boss@acme.example", roles=("administrator",)
    )


async def test_of_200_old_users_each_is_in_its_state(full_town: Town):
    """Idea 1."""
    assert await full_town.states() == STATES
    groups = (await full_town.look()).groups
    assert groups == {Group.READY: 60, Group.NEEDS: 93, Group.CONFLICT: 17, Group.MOVED: 30}


async def test_the_page_counts_what_the_rules_count(full_town: Town):
    async with await administrator(full_town) as browser:
        page = await browser.get(place(full_town))
        assert page.status_code == 200
        numbers = re.findall(r'funnel-number numbers">(\d+)</span><span>([^<]+)', page.text)
        assert numbers == [("60", "Ready"), ("93", "Needs something"), ("17", "Conflict"),
                           ("30", "Moved")]  # fmt: skip
        chips = dict(
            re.findall(r'class="chip"[^>]*>([^<]+) <span class="numbers">(\d+)', page.text)
        )
        expected = {state.value.label: str(number) for state, number in STATES.items()}
        assert {html.unescape(label): number for label, number in chips.items()} == expected


async def test_filters_search_and_pages_show_everybody_once(full_town: Town):
    async with await administrator(full_town) as browser:
        seen: list[str] = []
        address = place(full_town, "?group=needs")
        while address:
            page = await browser.get(address)
            seen += re.findall(r"[\w ]+@acme\.example", page.text.split("<tbody>")[1])
            following = re.search(r'rel="next" href="([^"]+)"', page.text)
            address = html.unescape(following[1]) if following else ""
        addresses = [one.strip() for one in seen]
        assert (
            len({one for one in addresses if not one.startswith(("boss", "differs", "iffers"))})
            == 93
        )
        one = await browser.get(place(full_town, "?q=nobody7@acme"))
        assert one.text.count("<tr>") == 2
        none = await browser.get(place(full_town, "?q=nobody7&group=moved"))
        assert "No old user fits" in none.text


async def test_the_download_has_everybody_and_no_formula(town: Town):
    town.add_user("evil", name='=HYPERLINK("http://x")')
    town.add_user("ada")
    await town.keep()
    async with await administrator(town) as browser:
        answer = await browser.get(place(town, "/users.csv"))
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert {row["state"] for row in rows} == {"no_platform_account"}
    assert [row["name"][:2] for row in rows] == ["Ad", "'="]
    [told] = await town.office.events("migration.exported")
    assert json.loads(told["details"]) == {"people": 2}


async def test_whoever_manages_no_agents_sees_none_of_it(full_town: Town):
    async with await full_town.office.signed_in_browser(
        subject="sam", email="sam@acme.example", roles=("supervisor",)
    ) as browser:
        for below in ("", "/plan", "/users.csv"):
            assert (await browser.get(place(full_town, below))).status_code == 403


async def test_another_accounts_users_are_not_there(full_town: Town):
    globex = await full_town.office.add_account("Globex", "b" * 24)
    async with await full_town.office.signed_in_browser(
        subject="mallory", email="mallory@globex.example", roles=("administrator",),
        organisation="b" * 24,
    ) as browser:  # fmt: skip
        assert (await browser.get(place(full_town))).status_code == 404
        own = await browser.get(f"/app/accounts/{globex.id}/settings/migration")
    assert "Nobody has an old password here" in own.text


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"organisation_id": None}, State.ORGANISATION_NOT_MAPPED),
        ({"suspended_at": 1}, State.ACCOUNT_CLOSED),
        ({"oauth_login": 0}, State.ACCOUNT_CLOSED),
        ({"linking": 0}, State.CONFLICT),
    ],
    ids=["unmapped", "suspended", "login_off", "linking_off"],
)
async def test_what_stops_everybody_is_said_of_everybody(
    town: Town, change: dict[str, object], state: State
):
    """Lesson 7 for `linking`."""
    town.add_user("ada")
    town.add_person("ada")
    await town.keep()
    await town.office.database.one(update(tables.accounts).values(**change))
    from live_agent.accounts import actions as accounts

    found = await accounts.find(town.office.database, town.account_id)
    assert found is not None
    town.office.account = found
    assert await town.states() == {state: 1}


async def test_before_the_first_answer_nobody_is_called_absent(town: Town):
    town.add_user("ada")
    await town.keep()
    await town.office.database.one(update(tables.platform_readings).values(read_at=None))
    assert await town.states() == {State.NOT_KNOWN: 1}


async def test_whom_the_queue_names_is_a_conflict(town: Town):
    town.add_user("ada")
    await town.keep()
    await add_conflict(town, "us_ada")
    assert await town.states() == {State.CONFLICT: 1}


async def test_the_page_does_not_wait_for_the_platform(full_town: Town):
    """It is not there at all in this test: the page says when it last answered."""
    full_town.office.clock.advance(600)
    async with await administrator(full_town) as browser:
        page = await browser.get(place(full_town))
        assert page.status_code == 200
        assert "Cognigy.AI was asked" in page.text
        await full_town.office.state.readings.settle()
        again = await browser.get(place(full_town))
    assert "Cognigy.AI was asked without success" in again.text
    row = (await full_town.office.rows("platform_readings"))[0]
    assert row["failure"] == "UNREACHABLE"


async def test_the_burn_down_falls_as_people_move(full_town: Town):
    users = (await full_town.look()).users
    now = full_town.office.now
    points = burn_down(users, now - 30 * 86_400, now, 31)
    assert (points[0][1], points[-1][1]) == (200, 170)
    assert [number for _, number in points] == sorted((n for _, n in points), reverse=True)


async def test_looking_and_planning_write_nothing(full_town: Town):
    database = full_town.office.database
    async with await administrator(full_town) as browser:
        before = {
            name: await database.all(select(table))
            for name, table in tables.metadata.tables.items()
            if name != "sessions"
        }
        for below in ("", "/plan"):
            assert (await browser.get(place(full_town, below))).status_code == 200
        for name, rows in before.items():
            assert await database.all(select(tables.metadata.tables[name])) == rows, name
