"""The dry run says what the real thing then does, person by person and door by door."""

import itertools
from typing import Any

import pytest
from sqlalchemy import insert

from kernel.problems import ProblemError
from live_agent.conflicts import actions as conflicts
from live_agent.conflicts.actions import Ruling
from live_agent.conflicts.rules import Outcome
from live_agent.db import tables
from live_agent.migration.actions import Entered, LinkNeeded
from live_agent.migration.rules import Refusal
from live_agent.moves import actions as moves
from live_agent.moves.actions import Move, State
from support.moves_town import Town, whole
from support.office import ISSUER, submit
from support.visitor import forms_of

CIRCUMSTANCES = list(
    itertools.product(
        (True, False),  # confirmed here
        (1, 0),  # verified there
        ("administrator agent", "agent", ""),  # roles there
        (None, 1),  # disabled here
        ("alone", "twin", "owner"),  # who else has the address, or the identity
    )
)


def settle(town: Town) -> None:
    """One old user for each combination of circumstances."""
    for n, (confirmed, verified, roles, disabled, company) in enumerate(CIRCUMSTANCES):
        name = f"p{n}"
        town.add_user(name, confirmed_at=1 if confirmed else None, disabled_at=disabled)
        subject = {"subject": f"sub-owner{n}"} if company == "owner" else {}
        town.add_person(name, email_verified=verified, roles=roles, **subject)
        if company == "twin":
            town.add_user(f"{name}t", email=f"{name}@acme.example")
        if company == "owner":
            town.add_user(f"{name}o", issuer=ISSUER, email=f"owner{n}@acme.example", **subject)


async def open_doors(town: Town, user_id: str) -> None:
    now = town.office.now
    many: dict[str, dict[str, Any]] = {
        "sessions": {
            "account_id": town.account_id, "method": "old", "issuer": None, "subject": None,
            "sid": None, "sealed_tokens": None, "created_at": now, "expires_at": now + 999,
            "seen_at": now, "ended_at": None, "ended_because": None, "user_agent": "",
            "access_revision": None, "ended_reference": None, "checked_at": 0,
            "checking_until": 0, "unreachable_since": None,
        },
        "api_tokens": {"created_at": now, "ended_at": None},
        "old_links": {"kind": "reset", "created_at": now, "expires_at": now + 999,
                      "used_at": None, "voided_at": None},
    }  # fmt: skip
    async with town.office.database.transaction() as tx:
        for name, values in many.items():
            row = {"fingerprint": f"{name}-{user_id}", "user_id": user_id, **values}
            await tx.one(insert(tables.metadata.tables[name]), **whole(name, row))


async def log_in(town: Town, move: Move) -> Entered | LinkNeeded | ProblemError:
    """The real thing, for the person of that row."""
    person = move.person
    assert person is not None
    try:
        return await town.office.arrive(
            subject=person.subject, email=person.email, email_verified=person.email_verified,
            name=person.name, roles=person.roles, access_revision=person.access_revision,
        )  # fmt: skip
    except ProblemError as error:
        return error


def as_foreseen(move: Move, came: Entered | LinkNeeded | ProblemError) -> bool:
    if isinstance(move.outcome, Refusal):
        return isinstance(came, ProblemError) and came.problem is move.outcome.problem
    if move.must_prove:
        return isinstance(came, LinkNeeded)
    if isinstance(came, ProblemError):
        return False
    assert isinstance(came, Entered)
    return came.moved is move.moves and (not move.moves or came.user_id == move.user.id)


async def test_the_dry_run_equals_the_real_thing(town: Town):
    settle(town)
    await town.keep()
    foreseen = await town.look()
    told = {move.user.id: move for move in foreseen.moves}
    assert len(told) == len(CIRCUMSTANCES) + sum(1 for c in CIRCUMSTANCES if c[4] == "twin")
    wrong = []
    for move in foreseen.moves:
        if move.person is None or move.user.id.endswith("t"):
            continue
        came = await log_in(town, move)
        if not as_foreseen(move, came):
            wrong.append((move.user.id, move.state, move.outcome, came))
    assert wrong == []
    assert sum(1 for move in foreseen.moves if move.moves) > 3


@pytest.mark.parametrize("outcome", [Outcome.LINK, Outcome.SEPARATE, Outcome.REJECT])
async def test_it_weighs_what_administrators_decided(town: Town, outcome: Outcome):
    """Of two users with one address the chosen one moves, as with the login that comes."""
    for twin in "ab":
        town.add_user(f"twin{twin}", email="twin@acme.example")
    town.add_person("twin")
    await town.keep()
    before = await town.move_of("us_twina")
    assert before.state is State.AMBIGUOUS
    assert isinstance(await log_in(town, before), ProblemError)
    database, now = town.office.database, town.office.now
    ((case, _),) = await conflicts.list_of_account(database, town.account_id, now)
    chosen = "us_twina" if outcome is Outcome.LINK else None
    await conflicts.decide(
        database, Ruling(town.account_id, case.id, outcome, chosen, "She called.", None), now
    )
    one, other = await town.move_of("us_twina"), await town.move_of("us_twinb")
    assert (one.moves, other.moves) == (outcome is Outcome.LINK, False)
    assert other.state is State.CONFLICT
    assert as_foreseen(one, await log_in(town, one))


async def test_the_doors_that_it_counts_are_those_that_close(full_town: Town):
    moving = [m for m in (await full_town.look()).moves if m.moves and not m.must_prove]
    for move in moving[:10]:
        await open_doors(full_town, move.user.id)
    await open_doors(full_town, "us_nobody1")  # who stays keeps them
    overview = await full_town.look()
    foreseen = await moves.foresee(full_town.office.database, overview, full_town.office.now)
    assert foreseen.doors == {"sessions": 10, "api_tokens": 10, "links": 10, "proofs": 0}
    for move in moving:
        assert isinstance(await log_in(full_town, move), Entered)
    rows = full_town.office.rows
    ended = [row for row in await rows("sessions") if row["ended_because"] == "moved"]
    tokens = [row for row in await rows("api_tokens") if row["ended_at"] is not None]
    links = [row for row in await rows("old_links") if row["voided_at"] is not None]
    assert (len(ended), len(tokens), len(links)) == (10, 10, 10)
    assert (await full_town.states())[State.DONE] == 30 + len(moving)


async def test_it_says_who_would_stay_and_whose_roles_change(full_town: Town):
    overview = await full_town.look()
    plan = (await moves.foresee(full_town.office.database, overview, full_town.office.now)).plan
    assert len(plan.moving) == 60 + 15
    assert plan.proving == 6 + 15
    assert {state: len(found) for state, found in plan.staying.items()} == {
        State.NO_PLATFORM_ACCOUNT: 40, State.EMAIL_DIFFERS: 8, State.ROLE_MISSING: 20,
        State.DISABLED_THERE: 5, State.DISABLED_HERE: 5, State.AMBIGUOUS: 10, State.CONFLICT: 7,
    }  # fmt: skip
    assert len(plan.changed_roles) == 9
    assert plan.leaves_no_administrator


@pytest.mark.parametrize("who", ["coming", "there"])
async def test_one_administrator_is_enough(town: Town, who: str):
    if who == "coming":
        town.add_user("ada")
        town.add_person("ada", roles="administrator")
    else:
        town.add_user("ada", issuer=ISSUER, subject="x", roles="administrator")
    await town.keep()
    overview = await town.look()
    plan = (await moves.foresee(town.office.database, overview, town.office.now)).plan
    assert plan.administrators == 1


async def test_the_page_reads_like_a_plan(full_town: Town):
    async with await full_town.office.signed_in_browser(
        subject="sam", email="sam@acme.example", roles=("administrator",)
    ) as browser:
        place = f"/app/accounts/{full_town.account_id}/settings/migration/plan"
        page = await browser.get(place)
        asked = next(one for one in forms_of(page.text) if one.action.endswith("/migration/deed"))
        confirm = await submit(browser, asked, deed="remind")
    assert "75 people will move, 95 will not." in page.text
    assert "Role missing</a>: 20 people" in page.text
    assert "without an administrator" not in page.text, "Sam is one"
    assert "For 170 people" in confirm.text
