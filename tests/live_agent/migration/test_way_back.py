"""The way back: an administrator puts a moved user back to the old login (idea 11)."""

import asyncio
from typing import Any

import pytest

from kernel.problems import ProblemError
from live_agent.migration import way_back
from live_agent.migration.actions import Entered
from live_agent.migration.way_back import DAY, Return
from live_agent.problems import Problem
from support.office import Office

BOSS: dict[str, Any] = {
    "subject": "boss",
    "email": "boss@acme.example",
    "name": "The Boss",
    "roles": ("administrator",),
}
SECOND: dict[str, Any] = BOSS | {"subject": "second", "email": "second@acme.example"}


async def moved(office: Office) -> str:
    old = await office.add_old_user()
    assert (await office.enter()).user_id == old
    return old


async def put_back(office: Office, user_id: str, by: str | None, *, block: bool = False) -> None:
    wanted = Return(
        office.account.id, user_id, "moved by mistake", by, block=block, reference="ABCDEFGHIJKL"
    )
    async with office.database.transaction() as tx:
        await way_back.put_back(tx, office.state.outbox, wanted, office.state.settings, office.now)


async def refused(office: Office, user_id: str, by: str | None) -> Any:
    with pytest.raises(ProblemError) as caught:
        await put_back(office, user_id, by)
    return caught.value.problem


async def letters(office: Office, kind: str) -> list[dict[str, Any]]:
    found = await office.state.outbox.lease(office.database, office.now, limit=100)
    return [dict(one.payload or {}) for one in found if one.kind == kind]


async def test_the_link_is_undone_and_everything_that_it_opened_ends(office: Office):
    by = (await office.enter(**BOSS)).user_id
    old = await office.add_old_user()
    entered = await office.enter()
    await put_back(office, old, by)
    row = await office.user(old)
    assert (row["issuer"], row["subject"], row["moved_at"]) == (None, None, None)
    assert row["password_digest"] is None
    assert await office.session(entered.session_secret) is None
    (letter,) = await letters(office, "mail.way_back")
    assert letter["to"] == "ada@acme.example"
    lines = [row for row in await office.rows("ledger") if row["user_id"] == old]
    assert {(one["deed"], one["by_user_id"]) for one in lines} == {
        ("moved", None),
        ("put_back", by),
    }
    assert await office.events("user.put_back")


async def test_the_person_sets_a_password_logs_in_and_may_move_again(office: Office):
    by = (await office.enter(**BOSS)).user_id
    old = await moved(office)
    await put_back(office, old, by)
    (letter,) = await letters(office, "mail.way_back")
    browser = office.browser()
    refused_login = await office.old_login(browser)
    assert refused_login.status_code == 403  # the old digest is gone for good
    page = await browser.get(f"/old-login/password/{letter['secret']}")
    from support.office import submit
    from support.visitor import form_with

    new = "Copper-Lantern-Meadow-18"
    done = await submit(browser, form_with(page, "password"), password=new)
    assert done.status_code == 303
    assert (await office.old_login(browser, password=new)).status_code == 303
    again = await office.enter()
    assert (again.user_id, again.moved) == (old, True)
    assert (await office.old_login(office.browser(), password=new)).status_code == 403


async def test_the_link_goes_to_the_address_of_the_move(office: Office):
    """Lesson 22: an address that the platform said later may be somebody else's."""
    by = (await office.enter(**BOSS)).user_id
    old = await moved(office)
    await office.enter(email="mallory@acme.example")
    await put_back(office, old, by)
    (letter,) = await letters(office, "mail.way_back")
    row = await office.user(old)
    assert letter["to"] == row["email"] == "ada@acme.example"
    assert row["confirmed_at"] is None  # shown by the link, or not at all


async def test_the_wrong_person_is_rejected_from_then_on(office: Office):
    """Lesson 23: who took the user over does not do it again at the next login."""
    by = (await office.enter(**BOSS)).user_id
    old = await moved(office)
    await put_back(office, old, by, block=True)
    await office.set_user(old, confirmed_at=office.now)
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    right = await office.enter(subject="ada-2")
    assert (right.user_id, right.moved) == (old, True)


@pytest.mark.parametrize("days", [29, 30])
async def test_it_is_open_until_the_retention_date(office: Office, days: int):
    by = (await office.enter(**BOSS)).user_id
    old = await moved(office)
    office.clock.advance(days * DAY)
    if days == 29:
        await put_back(office, old, by)
    else:
        assert await refused(office, old, by) is Problem.WAY_BACK_CLOSED


async def test_nobody_puts_themselves_back(office: Office):
    old = await office.add_old_user(roles=("administrator",))
    await office.enter(roles=("administrator",))
    await office.enter(**BOSS)
    assert await refused(office, old, old) is Problem.OWN_USER


async def test_who_came_by_the_platform_has_nowhere_to_go_back(office: Office):
    new = (await office.enter()).user_id
    assert await refused(office, new, (await office.enter(**BOSS)).user_id) is (
        Problem.WAY_BACK_CLOSED
    )


async def test_the_operator_does_not_lose_the_last_administrator_either(office: Office):
    """DESIGN section 3 rule 9: also by the command line."""
    old = await office.add_old_user(roles=("administrator",))
    await office.enter(roles=("administrator",))
    assert await refused(office, old, None) is Problem.LAST_ADMINISTRATOR
    await office.enter(**BOSS)
    await put_back(office, old, None)


async def test_two_administrators_who_put_each_other_back_leave_one(office: Office):
    one = await office.add_old_user(roles=("administrator",), email="boss@acme.example")
    two = await office.add_old_user(roles=("administrator",), email="second@acme.example")
    await office.enter(**BOSS)
    await office.enter(**SECOND)
    outcomes = await asyncio.gather(
        put_back(office, one, two), put_back(office, two, one), return_exceptions=True
    )
    assert outcomes.count(None) == 1, outcomes
    linked = [row["id"] for row in await office.users() if row["subject"] is not None]
    assert len(linked) == 1


async def test_a_login_that_meets_the_way_back_leaves_no_session_of_the_old_link(office: Office):
    """Whichever comes first: either the user is put back, or it has moved anew, with a line."""
    by = (await office.enter(**BOSS)).user_id
    old = await moved(office)
    outcomes = await asyncio.gather(
        office.arrive(), put_back(office, old, by), office.arrive(), return_exceptions=True
    )
    assert outcomes[1] is None, outcomes
    row = await office.user(old)
    alive = [
        each
        for each in await office.rows("sessions")
        if each["user_id"] == old and each["ended_at"] is None
    ]
    lines = [each["deed"] for each in await office.rows("ledger") if each["user_id"] == old]
    if row["subject"] is None:
        assert (alive, lines.count("moved")) == ([], 1)
    else:
        assert lines.count("moved") == 2
        assert all(isinstance(each, Entered) for each in (outcomes[0], outcomes[2]))
