"""Every outcome of a login is in the audit trail: whose it was, why, from which browser."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from cognigy_ai.audit import actions as audit
from cognigy_ai.db.tables import audit_events
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions import entry as entries
from cognigy_ai.sessions import refusals
from cognigy_ai.sessions.own_factor import Typed, turn_off
from cognigy_ai.sessions.rules import LoggedIn, LoginAttempt
from cognigy_ai.sessions.steps import Entry
from cognigy_ai.users import actions as users
from cognigy_ai.users import policy
from cognigy_ai.users.passwords import NewPassword
from kernel.problems import ProblemError
from support.platform import ACME, OUTBOX, PASSWORD, Platform, digest_of

GLOBEX = "b" * 24
CHROME = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"
GOOD = LoginAttempt(
    "ada@acme.example",
    PASSWORD,
    client_address="192.0.2.7",
    user_agent=CHROME,
    reference="ABCDEFGHIJKL",
)
WRONG = replace(GOOD, password="not the password")
UNKNOWN = replace(GOOD, email="nobody@acme.example")
BROWSER = {"browser": "Chrome", "system": "Windows"}
EVENTS = (
    select(audit_events)
    .where(audit_events.c.event == bindparam("name"))
    .order_by(audit_events.c.at, audit_events.c.id)
)

Change = Callable[[Platform, str], Awaitable[object]]


async def events(platform: Platform, name: str = "login.refused") -> list[dict[str, Any]]:
    found = await platform.database.all(EVENTS, name=name)
    return [dict(row) | {"details": json.loads(row["details"])} for row in found]


async def reasons(platform: Platform) -> list[str]:
    return [event["details"]["because"] for event in await events(platform)]


async def enter(platform: Platform, attempt: LoginAttempt = GOOD) -> LoggedIn | Entry:
    arrived = platform.clock.monotonic()
    return await sessions.login(platform.means, attempt, platform.now, arrived)


async def refuse(platform: Platform, attempt: LoginAttempt = WRONG) -> None:
    with pytest.raises(ProblemError):
        await enter(platform, attempt)


@pytest.fixture
async def ada(acme: Platform) -> str:
    return (await acme.add_user()).id


async def test_a_login_is_told_with_method_browser_and_reference(acme: Platform, ada: str) -> None:
    done = await enter(acme)
    assert isinstance(done, LoggedIn)
    (event,) = await events(acme, "login.done")
    assert (event["user_id"], event["organisation_id"]) == (ada, ACME)
    assert (event["actor_kind"], event["actor_id"]) == (audit.USER, ada)
    assert event["reference"] == GOOD.reference
    assert event["details"] == {"session_id": done.session.id, "amr": "pwd"} | BROWSER
    assert await events(acme) == []


async def disable(platform: Platform, user_id: str) -> None:
    async with platform.database.transaction() as tx:
        await users.disable(tx, user_id, platform.now)


async def suspend(platform: Platform, _user_id: str) -> None:
    async with platform.database.transaction() as tx:
        await organisations.suspend(tx, OUTBOX, ACME, platform.now)


async def nothing(_platform: Platform, _user_id: str) -> None:
    return None


REFUSED: dict[str, tuple[Change, LoginAttempt, str]] = {
    "wrong password": (nothing, WRONG, refusals.PASSWORD_WRONG),
    "disabled, right password": (disable, GOOD, refusals.USER_DISABLED),
    "disabled, wrong password": (disable, WRONG, refusals.USER_DISABLED),
    "suspended, right password": (suspend, GOOD, refusals.ORGANISATION_SUSPENDED),
    "suspended, wrong password": (suspend, WRONG, refusals.ORGANISATION_SUSPENDED),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_refusal_is_told_with_its_reason(acme: Platform, ada: str, case: str) -> None:
    change, attempt, because = REFUSED[case]
    await change(acme, ada)
    await refuse(acme, attempt)
    (event,) = await events(acme)
    assert (event["user_id"], event["organisation_id"]) == (ada, ACME)
    assert event["reference"] == GOOD.reference
    assert event["details"] == {"because": because} | BROWSER


async def test_somebody_without_a_password_is_told(acme: Platform) -> None:
    await acme.add_user(password=None)
    await refuse(acme, GOOD)
    assert await reasons(acme) == [refusals.PASSWORD_MISSING]


async def test_an_unknown_address_is_told_by_a_keyed_hash(acme: Platform) -> None:
    for attempt in (UNKNOWN, replace(UNKNOWN, email=" NOBODY@acme.example")):
        await refuse(acme, attempt)
    await refuse(acme, replace(UNKNOWN, email="another@acme.example"))
    first, again, other = await events(acme)
    assert (first["user_id"], first["organisation_id"]) == (None, None)
    address = first["details"].pop("address")
    assert first["details"] == {"because": refusals.ADDRESS_UNKNOWN} | BROWSER
    assert again["details"]["address"] == address
    assert other["details"]["address"] != address
    for event in (first, again, other):
        assert "acme.example" not in json.dumps(event)


async def test_an_address_of_another_organisation_is_unknown_here(acme: Platform, ada: str) -> None:
    await refuse(acme, replace(GOOD, organisation_id=GLOBEX))
    (event,) = await events(acme)
    assert (event["user_id"], event["details"]["because"]) == (None, refusals.ADDRESS_UNKNOWN)
    assert ada not in json.dumps(event)


async def test_everybody_with_the_address_is_told(acme: Platform, ada: str) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    there = await acme.add_user(organisation=GLOBEX)
    await disable(acme, there.id)
    await refuse(acme)
    told = {event["organisation_id"]: event["details"]["because"] for event in await events(acme)}
    assert told == {ACME: refusals.PASSWORD_WRONG, GLOBEX: refusals.USER_DISABLED}


@pytest.mark.parametrize("attempt", [GOOD, UNKNOWN])
async def test_a_lock_is_told_and_costs_the_same_for_everybody(
    acme: Platform, ada: str, attempt: LoginAttempt
) -> None:
    for _ in range(6):
        await refuse(acme, replace(attempt, password="not the password"))
    before = (acme.database.statements, acme.database.transactions)
    await refuse(acme, attempt)
    spent = (acme.database.statements - before[0], acme.database.transactions - before[1])
    assert spent == (3, 3)  # the user, the locks | the event
    *_, last = await events(acme)
    assert last["details"]["because"] == refusals.LOCKED
    assert last["user_id"] == (ada if attempt is GOOD else None)


async def test_whoever_is_overtaken_is_told(acme: Platform, ada: str) -> None:
    """The right password, and somebody changes it while it is compared."""
    matches = acme.means.passwords.matches
    new_digest = await digest_of("another long password")

    async def slowly(password: str, digest: str | None) -> bool:
        found = await matches(password, digest)
        async with acme.database.transaction() as tx:
            await users.set_password(tx, ada, new_digest, acme.now)
        return found

    acme.means.passwords.matches = slowly  # type: ignore[method-assign]
    await refuse(acme, GOOD)
    assert await reasons(acme) == [refusals.OVERTAKEN]
    assert await events(acme, "login.done") == []


async def require_two_step(platform: Platform, user_id: str) -> Entry:
    async with platform.database.transaction() as tx:
        await users.set_password(tx, user_id, await digest_of(PASSWORD), platform.now)
        await organisations.set_two_step_required(tx, ACME, required=True, now=platform.now)
    entry = await enter(platform)
    assert isinstance(entry, Entry)
    return entry


async def test_whoever_is_disabled_between_the_steps_is_told(acme: Platform, ada: str) -> None:
    entry = await require_two_step(acme, ada)
    assert await events(acme) == []
    place = await entries.find_place(acme.database, entry)
    assert place is not None
    await disable(acme, ada)
    with pytest.raises(ProblemError) as over:
        await entries.go_on(acme.means, place, GOOD.arrival, acme.now)
    assert over.value.problem is Problem.SIGN_IN_OVER
    await entries.note_over(acme.means, entry, GOOD.arrival, acme.now)
    assert await reasons(acme) == [refusals.OVERTAKEN, refusals.OVERTAKEN]


async def test_a_wrong_current_password_is_told(acme: Platform, ada: str) -> None:
    done = await enter(acme)
    assert isinstance(done, LoggedIn)

    async def change(current: str) -> None:
        new = NewPassword("violet tractor umbrella 55", policy.DEFAULT)
        with pytest.raises(ProblemError):
            await sessions.change_password(acme.means, OUTBOX, done.session, current, new, acme.now)

    await change("not the password")
    (event,) = await events(acme)
    assert (event["user_id"], event["organisation_id"]) == (ada, ACME)
    assert event["details"]["because"] == refusals.CURRENT_PASSWORD_WRONG
    for _ in range(5):
        await change("not the password")
    await change(PASSWORD)
    assert (await reasons(acme))[-1] == refusals.LOCKED


async def test_a_wrong_password_for_the_second_factor_is_told(acme: Platform, ada: str) -> None:
    user = await users.get(acme.database, ada)
    with pytest.raises(ProblemError):
        await turn_off(acme.means, OUTBOX, user, Typed("not the password"), acme.now)
    with pytest.raises(ProblemError) as refused:
        await turn_off(acme.means, OUTBOX, user, Typed(PASSWORD, "123456"), acme.now)
    assert refused.value.problem is Problem.CODE_WRONG
    assert await reasons(acme) == [refusals.CURRENT_PASSWORD_WRONG, refusals.CODE_WRONG]


async def test_the_filter_for_sign_ins_finds_both_outcomes(acme: Platform, ada: str) -> None:
    await refuse(acme)
    await enter(acme)
    page = await audit.TRAIL.list_events(acme.database, ACME, audit.EventFilter(group="login"))
    assert {event.event for event in page.events} == {"login.done", "login.refused"}
    assert {event.user_id for event in page.events} == {ada}
