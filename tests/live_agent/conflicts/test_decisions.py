"""What administrators decide about a conflict, and what becomes of it at the next login."""

import asyncio
from typing import Any

import pytest

from kernel.problems import ProblemError
from live_agent.conflicts import actions as conflicts
from live_agent.conflicts.actions import Ruling
from live_agent.conflicts.rules import SECONDS_STANDING, SECONDS_TO_COME, Outcome
from live_agent.migration.actions import Entered, LinkNeeded
from live_agent.problems import Problem
from support.office import Office

BOSS: dict[str, Any] = {
    "subject": "boss",
    "email": "boss@acme.example",
    "name": "The Boss",
    "roles": ("administrator",),
}
SECOND: dict[str, Any] = BOSS | {"subject": "second", "email": "second@acme.example"}


async def boss(office: Office) -> str:
    return (await office.enter(**BOSS)).user_id


async def ambiguous(office: Office) -> tuple[str, str, str]:
    """Two old users with one address, and somebody who came with it; (conflict, first, second)."""
    first = await office.add_old_user(name="First Ada")
    second = await office.add_old_user(name="Second Ada", email="ADA@acme.example")
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    (case,) = await office.rows("conflicts")
    return case["id"], first, second


def ruling(office: Office, conflict: str, by: str | None, **changes: Any) -> Ruling:
    values: dict[str, Any] = {
        "account_id": office.account.id,
        "conflict_id": conflict,
        "outcome": Outcome.REJECT,
        "user_id": None,
        "reason": "we asked Ada",
        "by": by,
    }
    return Ruling(**(values | changes))


async def decide(office: Office, conflict: str, by: str | None, **changes: Any) -> str:
    made = await conflicts.decide(
        office.database, ruling(office, conflict, by, **changes), office.now
    )
    return made.id


async def refused(office: Office, conflict: str, by: str | None, **changes: Any) -> Any:
    with pytest.raises(ProblemError) as caught:
        await decide(office, conflict, by, **changes)
    return caught.value.problem


def linking(user_id: str) -> dict[str, Any]:
    return {"outcome": Outcome.LINK, "user_id": user_id}


async def test_a_link_gives_the_old_user_and_closes_its_doors_at_the_next_login(office: Office):
    """Idea 12: the decision does what a move does, in one transaction with the login."""
    conflict, first, second = await ambiguous(office)
    browser = office.browser()
    by = await boss(office)
    assert (await office.old_login(browser, "ada@acme.example")).status_code in {200, 303}
    await decide(office, conflict, by, **linking(second))
    entered = await office.enter()
    assert (entered.user_id, entered.moved) == (second, True)
    moved = await office.user(second)
    assert (moved["subject"], moved["password_digest"]) == ("ada-1", None)
    assert (await office.user(first))["password_digest"] is not None
    (line,) = [row for row in await office.rows("ledger") if row["user_id"] == second]
    assert (line["deed"], line["how"]) == ("moved", "decision")
    (made,) = await office.rows("decisions")
    assert (made["ended_because"], line["decision_id"]) == ("used", made["id"])
    (event,) = await office.events("conflict.decided")
    assert event["user_id"] == by
    alive = [
        row["method"]
        for row in await office.rows("sessions")
        if row["user_id"] == second and row["ended_at"] is None
    ]
    assert alive == ["cognigy"]


async def test_a_decision_is_for_that_identity_alone(office: Office):
    """Lessons 17 and 20: another subject or issuer with the same address gets nothing by it."""
    conflict, _first, second = await ambiguous(office)
    await decide(office, conflict, await boss(office), **linking(second))
    assert await office.refusal(subject="ADA-1") is Problem.IDENTITY_CONFLICT
    assert await office.refusal(issuer="https://other.example") is Problem.IDENTITY_CONFLICT
    assert (await office.user(second))["subject"] is None
    assert (await office.enter()).user_id == second


async def test_an_address_that_is_not_confirmed_is_proved_all_the_same(office: Office):
    """Lesson 6: a decision says who it is; it does not say that the address is theirs."""
    conflict, _first, second = await ambiguous(office)
    await decide(office, conflict, await boss(office), **linking(second))
    outcome = await office.arrive(email_verified=False)
    assert isinstance(outcome, LinkNeeded)
    assert (await office.user(second))["subject"] is None
    assert (await office.rows("decisions"))[0]["ended_at"] is None


async def test_what_has_changed_since_is_decided_anew(office: Office):
    """Lesson 23: a third user with the address appears after the decision."""
    conflict, _first, second = await ambiguous(office)
    await decide(office, conflict, await boss(office), **linking(second))
    await office.add_old_user(name="Third Ada")
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    (case,) = [row for row in await office.rows("conflicts") if row["id"] == conflict]
    assert case["resolved_at"] is None


async def test_a_decision_that_nobody_follows_runs_out(office: Office):
    conflict, _first, second = await ambiguous(office)
    by = await boss(office)
    await decide(office, conflict, by, **linking(second))
    office.clock.advance(SECONDS_TO_COME)
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    await decide(office, conflict, by, **linking(second))
    assert (await office.enter()).user_id == second
    assert {row["ended_because"] for row in await office.rows("decisions")} == {"expired", "used"}


async def test_two_people_get_two_users(office: Office):
    conflict, first, second = await ambiguous(office)
    await decide(office, conflict, await boss(office), outcome=Outcome.SEPARATE)
    entered = await office.enter()
    assert entered.user_id not in {first, second}
    assert not entered.moved
    assert (await office.enter()).user_id == entered.user_id


async def test_a_rejected_identity_gets_in_as_nobody_and_asks_nobody_again(office: Office):
    conflict, first, second = await ambiguous(office)
    await decide(office, conflict, await boss(office))
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    (case,) = await office.rows("conflicts")
    assert case["resolved_at"] is not None
    await office.set_user(first, email="else@acme.example", email_key="else@acme.example")
    assert await office.refusal() is Problem.IDENTITY_CONFLICT  # although one candidate is left
    assert (await office.user(second))["subject"] is None
    office.clock.advance(SECONDS_STANDING)
    assert (await office.enter()).user_id == second


async def test_a_user_of_another_identity_is_given_to_the_new_one(office: Office):
    """A person who was deleted and made again in Cognigy.AI; sessions of the first one end."""
    before = await office.enter(access_revision=5)
    assert await office.refusal(subject="ada-2", access_revision=0) is Problem.IDENTITY_CONFLICT
    (case,) = await office.rows("conflicts")
    await decide(office, case["id"], await boss(office), **linking(before.user_id))
    entered = await office.enter(subject="ada-2", access_revision=0)
    assert entered.user_id == before.user_id
    assert await office.session(before.session_secret) is None
    assert await office.refusal(access_revision=5) is Problem.IDENTITY_CONFLICT
    deeds = [
        row["deed"] for row in await office.rows("ledger") if row["user_id"] == entered.user_id
    ]
    assert sorted(deeds) == ["created", "relinked"]


async def test_a_second_person_with_a_linked_address_gets_a_user_without_one(office: Office):
    before = await office.enter()
    assert await office.refusal(subject="ada-2") is Problem.IDENTITY_CONFLICT
    (case,) = await office.rows("conflicts")
    await decide(office, case["id"], await boss(office), outcome=Outcome.SEPARATE)
    entered = await office.enter(subject="ada-2")
    assert entered.user_id != before.user_id
    assert (await office.user(entered.user_id))["email"] == ""
    assert (await office.user(before.user_id))["email"] == "ada@acme.example"


async def test_an_address_of_an_old_colleague_can_be_the_same_person(office: Office):
    """The identity leaves the user it had, which is closed, and gets the old one."""
    new = await office.enter(email="a.lovelace@acme.example")
    old = await office.add_old_user()
    await office.enter()  # her address in Cognigy.AI is corrected
    (case,) = await office.rows("conflicts")
    await decide(office, case["id"], await boss(office), **linking(old))
    entered = await office.enter()
    assert (entered.user_id, entered.moved) == (old, True)
    left = await office.user(new.user_id)
    assert (left["subject"], left["roles"]) == (None, "")
    assert left["disabled_at"] is not None
    assert await office.session(new.session_secret) is None
    deeds = {row["user_id"]: row["deed"] for row in await office.rows("ledger")}
    assert deeds[old] == "moved"


async def test_two_people_about_an_address_are_not_asked_again(office: Office):
    await office.enter(email="a.lovelace@acme.example")
    await office.add_old_user()
    await office.enter()
    (case,) = await office.rows("conflicts")
    await decide(office, case["id"], await boss(office), outcome=Outcome.SEPARATE)
    entered = await office.enter()
    assert (await office.user(entered.user_id))["email"] == "a.lovelace@acme.example"
    (case,) = await office.rows("conflicts")
    assert (case["times"], case["resolved_at"] is None) == (1, False)


async def test_nobody_decides_about_themselves(office: Office):
    """Lesson 20: an administrator who is one of the candidates would become the other one."""
    conflict, first, second = await ambiguous(office)
    await office.set_user(first, roles="administrator")
    assert await refused(office, conflict, first, **linking(second)) is Problem.CONFLICT_YOURS
    await decide(office, conflict, await boss(office), **linking(second))


async def test_a_case_is_decided_once(office: Office):
    conflict, first, second = await ambiguous(office)
    by = await boss(office)
    await decide(office, conflict, by, **linking(second))
    assert await refused(office, conflict, by, **linking(first)) is Problem.CONFLICT_DECIDED


@pytest.mark.parametrize("wrong", ["stranger", "disabled", "unseen", "elsewhere"])
async def test_only_what_was_shown_can_be_linked(office: Office, wrong: str):
    """Lessons 11, 12: no id of another user, account, or of somebody who is closed."""
    conflict, first, second = await ambiguous(office)
    by = await boss(office)
    if wrong == "stranger":
        stranger = await office.add_old_user(email="carl@acme.example")
        change = linking(stranger)
    elif wrong == "disabled":
        await office.disable(second)
        change = linking(second)
    elif wrong == "unseen":
        change = linking(second) | {"seen": (first,)}
    else:
        other = await office.add_account("Other", None)
        change = linking(second) | {"account_id": other.id}
    expected = Problem.PAGE_NOT_FOUND if wrong == "elsewhere" else Problem.CONFLICT_DECIDED
    assert await refused(office, conflict, by, **change) is expected


async def test_what_linking_is_off_for_cannot_be_linked(office: Office):
    """Lesson 7: the account's switch holds for decisions, too, also when it is set afterwards."""
    conflict, _first, second = await ambiguous(office)
    by = await boss(office)
    await office.switch(linking=False)
    assert await refused(office, conflict, by, **linking(second)) is Problem.CONFLICT_DECIDED
    await office.switch(linking=True)
    await decide(office, conflict, by, **linking(second))
    await office.switch(linking=False)
    assert await office.refusal() is Problem.IDENTITY_CONFLICT


# --- the second administrator ---------------------------------------------------------------------


async def approve(office: Office, conflict: str, decision: str, by: str) -> None:
    await conflicts.approve(office.database, office.account.id, conflict, decision, by, office.now)


async def test_a_second_administrator_approves_and_the_first_cannot(office: Office):
    await office.switch(second_approval=True)
    conflict, _first, second = await ambiguous(office)
    one, two = await boss(office), (await office.enter(**SECOND)).user_id
    decision = await decide(office, conflict, one, **linking(second))
    assert await office.refusal() is Problem.IDENTITY_CONFLICT  # not in force yet
    with pytest.raises(ProblemError) as caught:
        await approve(office, conflict, decision, one)
    assert caught.value.problem is Problem.CONFLICT_YOURS
    await approve(office, conflict, decision, two)
    assert (await office.enter()).user_id == second


async def test_a_declined_decision_leaves_the_case_open(office: Office):
    await office.switch(second_approval=True)
    conflict, _first, second = await ambiguous(office)
    one, two = await boss(office), (await office.enter(**SECOND)).user_id
    decision = await decide(office, conflict, one, **linking(second))
    await conflicts.take_back(
        office.database, office.account.id, conflict, decision, two, office.now
    )
    with pytest.raises(ProblemError):
        await approve(office, conflict, decision, two)
    assert await office.events("conflict.declined")
    await decide(office, conflict, two, outcome=Outcome.SEPARATE)


# --- at once --------------------------------------------------------------------------------------


async def test_eight_administrators_at_once_leave_one_decision(office: Office):
    conflict, first, second = await ambiguous(office)
    by = [(await office.enter(**(SECOND | _numbered(n)))).user_id for n in range(8)]
    outcomes = await asyncio.gather(
        *(
            decide(office, conflict, one, **linking(first if n % 2 else second))
            for n, one in enumerate(by)
        ),
        return_exceptions=True,
    )
    assert len([one for one in outcomes if isinstance(one, str)]) == 1, outcomes
    problems = {one.problem for one in outcomes if isinstance(one, ProblemError)}
    assert problems == {Problem.CONFLICT_DECIDED}, outcomes
    (open_one,) = [row for row in await office.rows("decisions") if row["ended_at"] is None]
    assert (await office.enter()).user_id == open_one["user_id"]


async def test_logins_and_decisions_that_meet_leave_one_outcome(office: Office):
    """Whichever comes first: one user is linked at most, and the ledger says the same."""
    conflict, _first, second = await ambiguous(office)
    by = await boss(office)
    outcomes = await asyncio.gather(
        office.arrive(),
        decide(office, conflict, by, **linking(second)),
        office.arrive(),
        decide(office, conflict, by, outcome=Outcome.SEPARATE),
        office.arrive(),
        return_exceptions=True,
    )
    unexpected = [
        one
        for one in outcomes
        if not isinstance(one, Entered | str)
        and not (
            isinstance(one, ProblemError)
            and one.problem in {Problem.IDENTITY_CONFLICT, Problem.CONFLICT_DECIDED}
        )
    ]
    assert not unexpected, outcomes
    entered = {(await office.enter()).user_id for _ in range(2)}
    owners = [row["id"] for row in await office.users() if row["subject"] == "ada-1"]
    assert [*entered] == owners
    lines = [row for row in await office.rows("ledger") if row["subject"] == "ada-1"]
    assert [row["user_id"] for row in lines] == owners


async def test_approving_and_declining_at_once_leave_one_of_both(office: Office):
    await office.switch(second_approval=True)
    conflict, _first, second = await ambiguous(office)
    one, two = await boss(office), (await office.enter(**SECOND)).user_id
    decision = await decide(office, conflict, one, **linking(second))
    outcomes = await asyncio.gather(
        *(approve(office, conflict, decision, two) for _ in range(3)),
        conflicts.take_back(
            office.database, office.account.id, conflict, decision, one, office.now
        ),
        return_exceptions=True,
    )
    kept = [row for row in await office.rows("decisions") if row["ended_at"] is None]
    approved = len([each for each in outcomes[:3] if each is None])
    assert approved <= 1
    assert len(kept) == (0 if outcomes[3] is None else 1), outcomes


def _numbered(number: int) -> dict[str, str]:
    return {"subject": f"admin-{number}", "email": f"admin-{number}@acme.example"}


async def test_whoever_only_changed_the_address_is_not_rejected(office: Office):
    """No page offers it: it would read as if they were shut out, and they are not."""
    await office.add_old_user(email="grace@acme.example", name="Grace")
    await office.enter()
    await office.enter(email="grace@acme.example", access_revision=2)
    (case,) = await office.rows("conflicts")
    assert case["kind"] == "address_held"
    assert await refused(office, case["id"], await boss(office)) is Problem.CONFLICT_DECIDED
