"""Settings → Agents: who works in the account, found, narrowed, sorted, and one person's page."""

import html
import re

import httpx
import pytest
from sqlalchemy import update

from live_agent.agents import keys
from live_agent.db import tables
from support.office import ISSUER, Office


def agents_of(office: Office) -> str:
    return f"/app/accounts/{office.account.id}/settings/agents"


async def names(browser: httpx.AsyncClient, address: str) -> list[str]:
    """The people of one page, in its order."""
    page = await browser.get(html.unescape(address))
    assert page.status_code == 200
    return re.findall(r'<a class="person-name"[^>]*>([^<]+)</a>', page.text)


async def administrator(office: Office) -> httpx.AsyncClient:
    return await office.signed_in_browser(
        subject="boss", email="boss@acme.example", name="Zoe Boss", roles=("administrator",)
    )


async def test_everybody_is_listed_with_the_way_in(office: Office):
    browser = await administrator(office)
    await office.add_old_user(email="old@acme.example", name="Álvaro Old")
    await office.add_old_user(email="new@acme.example", name="Bea New", confirmed=False)
    gone = await office.add_old_user(email="gone@acme.example", name="Carl Gone")
    await office.disable(gone)
    page = await browser.get(agents_of(office))
    text = html.unescape(page.text)
    for said in ("old password", "Cognigy.AI", "Verified", "Verification pending", "disabled"):
        assert said in text
    assert "4 people" in text
    assert await names(browser, agents_of(office)) == [
        "Álvaro Old",
        "Bea New",
        "Carl Gone",
        "Zoe Boss",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=ALVARO", ["Álvaro Old"]),
        ("?q=old@ac", ["Álvaro Old"]),
        ("?q=bea+new", ["Bea New"]),
        ("?q=%25", []),
        ("?q=ea", []),
        ("?state=old", ["Álvaro Old", "Bea New"]),
        ("?state=cognigy", ["Zoe Boss"]),
        ("?state=pending", ["Bea New"]),
        ("?role=administrator", ["Zoe Boss"]),
        ("?role=agent&order=desc", ["Bea New", "Álvaro Old"]),
        ("?sort=login", ["Álvaro Old", "Bea New", "Zoe Boss"]),
        ("?sort=login&order=desc", ["Zoe Boss"]),
        ("?sort=email&order=desc", ["Álvaro Old", "Bea New", "Zoe Boss"]),
        ("?sort=nonsense&state=nonsense&role=nonsense", ["Álvaro Old", "Bea New", "Zoe Boss"]),
    ],
)
async def test_the_list_is_searched_narrowed_and_sorted(
    office: Office, query: str, expected: list[str]
):
    browser = await administrator(office)
    await office.add_old_user(email="old@acme.example", name="Álvaro Old")
    await office.add_old_user(email="new@acme.example", name="Bea New", confirmed=False)
    found = await names(browser, agents_of(office) + query)
    assert found[: len(expected)] == expected or sorted(found) == sorted(expected)
    if query == "?sort=login&order=desc":
        assert found[0] == "Zoe Boss"
    else:
        assert sorted(found) == sorted(expected)


async def test_pages_follow_each_other_forwards_and_backwards(office: Office):
    browser = await administrator(office)
    for number in range(60):
        await office.add_old_user(
            email=f"n{number}@acme.example", name=f"Person {number:02}", digest=None
        )
    first = await browser.get(agents_of(office))
    assert "61 people" in first.text
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = await browser.get(html.unescape(following[1]))
    assert "Person 59" in second.text
    assert "Zoe Boss" in second.text
    back = re.search(r'rel="prev" href="([^"]+)"', second.text)
    assert back
    assert await names(browser, back[1]) == [f"Person {n:02}" for n in range(50)]
    assert "person-name" in (await browser.get(agents_of(office) + "?at=made-up")).text


async def test_a_moved_person_is_read_only_with_the_way_to_the_platforms_page(office: Office):
    browser = await administrator(office)
    moved = await office.add_old_user(roles=("agent", "supervisor"))
    await office.enter(roles=("agent", "supervisor"))
    page = await browser.get(f"{agents_of(office)}/{moved}")
    text = html.unescape(page.text)
    assert f"{ISSUER}/admin/users/ada-1" in text
    assert "liveAgentSupervisor" in text
    assert "<form" not in text.split('class="page-content"')[1].split("</main>")[0]


async def test_somebody_of_another_account_is_not_there(office: Office):
    browser = await administrator(office)
    other = await office.add_account("Globex", None)
    stranger = await office.add_old_user(account_id=other.id)
    assert (await browser.get(f"{agents_of(office)}/{stranger}")).status_code == 404
    assert "Old Ada" not in (await browser.get(agents_of(office))).text


async def test_only_administrators_see_it(office: Office):
    browser = await office.signed_in_browser(roles=("supervisor",))
    assert (await browser.get(agents_of(office))).status_code == 403


async def test_people_whom_the_previous_version_made_are_found_after_the_repair(office: Office):
    browser = await administrator(office)
    old = await office.add_old_user(name="Dora Door")
    statement = update(tables.users).where(tables.users.c.id == old)
    await office.database.one(statement.values(name_key="", found_by="", keyed_as=None))
    assert await names(browser, agents_of(office) + "?q=dora") == []
    assert await keys.repair(office.database) == 1
    assert await keys.repair(office.database) == 0
    assert await names(browser, agents_of(office) + "?q=dora") == ["Dora Door"]


async def test_a_new_name_is_found_at_once_and_the_old_one_not_any_more(office: Office):
    browser = await administrator(office)
    await office.enter(name="Ada Lovelace")
    await office.enter(name="Ada King", access_revision=2)
    assert await names(browser, agents_of(office) + "?q=king") == ["Ada King"]
    assert await names(browser, agents_of(office) + "?q=lovelace") == []
