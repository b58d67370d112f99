"""The inventory of doors, and closing every door of a person (idea 21)."""

import asyncio
import html
import re
from typing import Any

import pytest

from kernel.problems import ProblemError
from live_agent.break_glass import actions as break_glass
from live_agent.break_glass.actions import Order
from live_agent.doors import actions as doors
from live_agent.doors import listing
from live_agent.doors.actions import Closing
from live_agent.doors.queries import Query
from live_agent.doors.rules import Door, DoorState, Why
from live_agent.problems import Problem
from support.office import Office, submit
from support.visitor import form_with

BOSS: dict[str, Any] = {
    "subject": "boss",
    "email": "boss@acme.example",
    "name": "The Boss",
    "roles": ("administrator",),
}

NEXT = re.compile(r'rel="next" href="([^"]+)"')
PREVIOUS = re.compile(r'rel="prev" href="([^"]+)"')


async def states(office: Office, user_id: str) -> dict[Door, DoorState]:
    found = await doors.list_of_account(office.database, office.account.id, office.now)
    ((_, of_user),) = [one for one in found if one[0].id == user_id]
    return {one.door: one for one in of_user}


async def opened(office: Office, user_id: str) -> set[Door]:
    return {door for door, one in (await states(office, user_id)).items() if one.open}


async def close(office: Office, user_id: str, by: str | None) -> None:
    async with office.database.transaction() as tx:
        closing = Closing(office.account.id, user_id, "left in anger", by)
        await doors.close_all(tx, closing, office.now)


async def with_every_door(office: Office) -> str:
    """An old administrator: a session, a reset link, a proof under way, an emergency link."""
    old = await office.add_old_user(roles=("administrator",))
    browser = office.browser()
    assert (await office.old_login(browser)).status_code == 303
    forgot = office.browser()
    page = await forgot.get("/old-login/forgot")
    await submit(forgot, form_with(page, "email"), email="ada@acme.example")
    await office.pending_browser(email_verified=False)
    async with office.database.transaction() as tx:
        order = Order(office.account.id, old, "a test", "root")
        await break_glass.make(tx, office.state.outbox, order, office.now)
    return old


async def test_every_door_is_open_or_closed_with_its_proof(office: Office):
    old = await with_every_door(office)
    assert await opened(office, old) == {
        Door.PLATFORM,
        Door.OLD_LOGIN,
        Door.RESET,
        Door.PENDING_LINK,
        Door.SESSION,
        Door.LIVE_CONNECTION,
        Door.BREAK_GLASS,
    }
    found = await states(office, old)
    assert found[Door.PLATFORM].why is Why.MOVES
    assert found[Door.API_TOKEN].why is Why.NEVER
    assert found[Door.RESET].until == office.now + 1800


async def test_a_move_closes_the_old_doors_and_the_inventory_proves_it(office: Office):
    old = await with_every_door(office)
    moved_at = office.now
    await office.enter(roles=("administrator",))
    found = await states(office, old)
    for door in (Door.OLD_LOGIN, Door.RESET, Door.CONFIRMATION, Door.INVITATION):
        assert (found[door].open, found[door].why, found[door].at) == (False, Why.MOVED, moved_at)
    assert found[Door.PLATFORM].why is Why.OWNED
    assert not found[Door.PENDING_LINK].open
    assert found[Door.SESSION].number == 1


async def test_closing_all_leaves_none_open(office: Office):
    by = (await office.enter(**BOSS)).user_id
    old = await with_every_door(office)
    await close(office, old, by)
    assert await opened(office, old) == set()
    await office.enable(old)  # and nothing of before comes back with it
    assert await opened(office, old) == {Door.PLATFORM}
    lines = [row for row in await office.rows("ledger") if row["user_id"] == old]
    assert [(row["deed"], row["reason"]) for row in lines] == [("closed", "left in anger")]
    assert await office.events("user.doors_closed")


async def test_nobody_closes_their_own_nor_the_last_administrators_doors(office: Office):
    """DESIGN section 3 rule 9."""
    by = (await office.enter(**BOSS)).user_id
    with pytest.raises(ProblemError) as caught:
        await close(office, by, by)
    assert caught.value.problem is Problem.OWN_USER
    with pytest.raises(ProblemError) as caught:
        await close(office, by, None)
    assert caught.value.problem is Problem.LAST_ADMINISTRATOR


async def test_two_administrators_who_close_each_other_leave_one(office: Office):
    one = (await office.enter(**BOSS)).user_id
    second = BOSS | {"subject": "second", "email": "second@acme.example"}
    two = (await office.enter(**second)).user_id
    outcomes = await asyncio.gather(
        close(office, one, two), close(office, two, one), return_exceptions=True
    )
    assert outcomes.count(None) == 1, outcomes
    assert [row["disabled_at"] is None for row in await office.users()].count(True) == 1


async def test_a_login_that_meets_the_closing_leaves_no_session(office: Office):
    """Whichever comes first, nobody is signed in afterwards."""
    by = (await office.enter(**BOSS)).user_id
    user = (await office.enter()).user_id
    browsers = [office.browser() for _ in range(2)]
    old = await office.add_old_user(email="carl@acme.example")
    await asyncio.gather(*(one.get("/old-login") for one in browsers))
    await asyncio.gather(
        office.arrive(),
        office.old_login(browsers[0], "carl@acme.example"),
        close(office, user, by),
        close(office, old, by),
        office.arrive(),
        office.old_login(browsers[1], "carl@acme.example"),
        return_exceptions=True,
    )
    assert await opened(office, user) == await opened(office, old) == set()
    for row in await office.rows("sessions"):
        if row["user_id"] in {user, old}:
            assert row["ended_at"] is not None, row["method"]


async def test_the_pages_show_the_doors_and_close_them(office: Office):
    old = await with_every_door(office)
    browser = await office.signed_in_browser(**BOSS)
    account = f"/app/accounts/{office.account.id}/settings"
    page = await browser.get(f"{account}/doors?door=old_login")
    assert f'href="{account}/agents/{old}/doors"' in page.text
    page = await browser.get(f"{account}/agents/{old}/doors")
    assert "there is a password, and the address is confirmed" in html.unescape(page.text)
    again = await submit(browser, form_with(page, "reason"), reason=" ")
    assert again.status_code == 400
    done = await submit(browser, form_with(page, "reason"), reason="left in anger")
    assert done.status_code == 303
    page = await browser.get(f"{account}/agents/{old}/doors")
    assert page.text.count("the user is disabled") == len(Door)
    page = await browser.get(f"{account}/agents/{old}/history")
    assert "left in anger" in page.text


async def test_the_way_back_is_a_form_of_the_history(office: Office):
    old = await office.add_old_user()
    await office.enter()
    browser = await office.signed_in_browser(**BOSS)
    at = f"/app/accounts/{office.account.id}/settings/agents/{old}/history"
    page = await browser.get(at)
    assert "Moved to Cognigy.AI" in html.unescape(page.text)
    assert (await submit(browser, form_with(page, "reason"), reason="")).status_code == 400
    done = await submit(browser, form_with(page, "reason", "block"), reason="by mistake")
    assert done.status_code == 303
    doors_page = await browser.get(at.replace("/history", "/doors"))
    assert "Mailed link for a new password" in html.unescape(doors_page.text)
    assert Door.RESET in await opened(office, old)
    text = html.unescape((await browser.get(at)).text)
    assert "Put back to the old login" in text
    assert "by mistake" in text
    supervisor = await office.signed_in_browser(
        subject="eve", email="eve@acme.example", roles=("supervisor",)
    )
    assert (await supervisor.get(at)).status_code == 403


async def check_that_list_and_rules_agree(office: Office) -> None:
    account_id, now = office.account.id, office.now
    ruled = {
        user.id: frozenset(one.door for one in found if one.open)
        for user, found in await doors.list_of_account(office.database, account_id, now)
    }
    listed = await listing.list_page(office.database, Query(account_id), now)
    assert {one.id: one.doors for one in listed.people} == ruled
    assert listed.total == len(ruled)
    for door in Door:
        narrowed = await listing.list_page(office.database, Query(account_id, door=door), now)
        found = {one.id for one in narrowed.people}
        assert found == {user_id for user_id, opened in ruled.items() if door in opened}, door
        assert narrowed.total == len(found)


async def test_the_list_says_the_same_as_the_rules(office: Office):
    """In SQL and in Python: for people in every state, and accounts that are switched off."""
    old = await with_every_door(office)
    await office.enter(**BOSS)
    gone = (await office.enter(subject="gone", email="gone@acme.example", sid="s2")).user_id
    none = (await office.enter(subject="none", email="none@acme.example", sid="s3")).user_id
    await office.add_old_user(email="new@acme.example", confirmed=False, digest=None)
    await office.disable(gone)
    await office.set_user(none, roles="")
    await check_that_list_and_rules_agree(office)
    await office.switch(linking=False)
    await check_that_list_and_rules_agree(office)
    await office.switch(oauth_login=False)
    await check_that_list_and_rules_agree(office)
    await office.set_user(old, roles="", confirmed_at=None)
    await check_that_list_and_rules_agree(office)
    office.clock.advance(1801)  # links and proofs are over
    await check_that_list_and_rules_agree(office)
    await office.suspend()
    await check_that_list_and_rules_agree(office)


async def test_the_list_has_pages_and_a_search(office: Office):
    """Each once, forwards and back; of another account nobody, and no broken address breaks it."""
    for number in range(120):
        await office.add_old_user(
            email=f"p{number}@acme.example", name=f"Person {number:03}", digest=None
        )
    browser = await office.signed_in_browser(**BOSS)
    place = f"/app/accounts/{office.account.id}/settings/doors"
    first = await browser.get(f"{place}?q=person")
    assert "120 people" in first.text
    seen, page = re.findall(r"Person \d+", first.text), first
    while step := NEXT.search(page.text):
        page = await browser.get(html.unescape(step[1]))
        seen += re.findall(r"Person \d+", page.text)
    assert list(dict.fromkeys(seen)) == [f"Person {number:03}" for number in range(120)]
    back = PREVIOUS.search(page.text)
    assert back is not None
    page = await browser.get(html.unescape(back[1]))
    assert "Person 050" in page.text
    assert "Person 100" not in page.text
    for odd in ("?at=nonsense", "?door=window", "?q=%25_~", "?page=" + "9" * 5000):
        assert (await browser.get(place + odd)).status_code == 200, odd


async def test_an_administrator_lets_somebody_in_again(office: Office):
    """With a reason, in the audit log; never themselves, and nobody who was deleted."""
    boss = (await office.enter(**BOSS)).user_id
    user = (await office.enter()).user_id
    browser = await office.signed_in_browser(**BOSS)
    at = f"/app/accounts/{office.account.id}/settings/agents/{user}/doors"
    assert "Let in again" not in (await browser.get(at)).text
    await close(office, user, boss)
    page = await browser.get(at)
    assert (await submit(browser, form_with(page, "reason"), reason=" ")).status_code == 400
    assert Door.PLATFORM not in await opened(office, user)
    done = await submit(browser, form_with(page, "reason"), reason="came back")
    assert done.status_code == 303
    assert await opened(office, user) == {Door.PLATFORM}
    (event,) = await office.events("user.enabled")
    assert "came back" in str(dict(event))
    assert boss in str(dict(event))
    # Somebody else was quicker: it is said, and nothing happens twice.
    assert (await submit(browser, form_with(page, "reason"), reason="again")).status_code == 404
    await office.set_user(user, disabled_at=office.now, purged_at=office.now)
    assert not await doors.may_let_in(office.database, office.account.id, user, boss)
    await office.set_user(user, purged_at=None)
    assert await doors.may_let_in(office.database, office.account.id, user, boss)
    assert not await doors.may_let_in(office.database, office.account.id, user, user)
    assert not await doors.may_let_in(office.database, office.account.id + 1, user, boss)
