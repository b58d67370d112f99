"""Wrong passwords are counted, and an organisation may have somebody disabled by them."""

import json

import pytest
from sqlalchemy import bindparam, select

from cognigy_ai.db.tables import audit_events, users
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.rules import LoggedIn, LoginAttempt
from cognigy_ai.users import actions as people
from cognigy_ai.users.rules import User
from kernel.problems import ProblemError
from support.platform import ACME, PASSWORD, Platform

GLOBEX = "b" * 24
OTHER = "violet tractor umbrella 55"
CHROME = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"
FAILED = select(users.c.failed_logins).where(users.c.id == bindparam("user"))
EVENTS = select(audit_events).where(audit_events.c.event == bindparam("name"))


@pytest.fixture
async def ada(acme: Platform) -> User:
    return await acme.add_user()


async def allow(platform: Platform, failures: int, organisation: str = ACME) -> None:
    policy = json.dumps({"minAmountFailedAttemptsAutoDisable": failures})
    async with platform.database.transaction() as tx:
        await organisations.set_policy(tx, organisation, policy, platform.now)


async def attempt(platform: Platform, password: str, organisation: str | None = None) -> object:
    """The problem, or what a right password gives; never while a lock lasts."""
    platform.clock.advance(4000)
    typed = LoginAttempt(
        "ada@acme.example", password, organisation, user_agent=CHROME, reference="ABCDEFGHIJKL"
    )
    try:
        return await sessions.login(platform.means, typed, platform.now, platform.clock.time)
    except ProblemError as error:
        return error.problem


async def failed(platform: Platform, user: User) -> int:
    row = await platform.database.one(FAILED, user=user.id)
    assert row is not None
    return int(row["failed_logins"])


async def test_failures_are_counted_until_the_next_login(acme: Platform, ada: User) -> None:
    for count in (1, 2, 3):
        assert await attempt(acme, "wrong") in (Problem.SIGN_IN_REFUSED, Problem.TOO_MANY_ATTEMPTS)
        assert await failed(acme, ada) == count
    assert isinstance(await attempt(acme, PASSWORD), LoggedIn)
    assert await failed(acme, ada) == 0


async def test_without_such_a_policy_nobody_is_disabled(acme: Platform, ada: User) -> None:
    for _ in range(8):
        await attempt(acme, "wrong")
    assert not (await people.get(acme.database, ada.id)).disabled


async def test_the_last_failure_that_the_policy_allows_disables(acme: Platform, ada: User) -> None:
    await acme.add_user("boss@acme.example", name="Boss", roles=("admin",))
    await allow(acme, 3)
    for _ in range(2):
        await attempt(acme, "wrong")
    assert not (await people.get(acme.database, ada.id)).disabled
    told = await attempt(acme, "wrong")
    assert told is Problem.SIGN_IN_REFUSED
    assert (await people.get(acme.database, ada.id)).disabled
    # the right password is told the same: nobody learns that the account is disabled
    assert await attempt(acme, PASSWORD) is Problem.SIGN_IN_REFUSED
    (event,) = await acme.database.all(EVENTS, name="user.disabled")
    assert json.loads(event["details"]) == {"because": "failed_logins", "failures": 3}
    assert (event["user_id"], event["organisation_id"]) == (ada.id, ACME)


async def test_the_last_administrator_is_not_disabled_by_guessing(acme: Platform) -> None:
    boss = await acme.add_user(roles=("admin",))
    await allow(acme, 3)
    for _ in range(5):
        await attempt(acme, "wrong")
    assert not (await people.get(acme.database, boss.id)).disabled
    assert isinstance(await attempt(acme, PASSWORD), LoggedIn)


async def test_whoever_is_enabled_again_begins_to_count_anew(acme: Platform, ada: User) -> None:
    await allow(acme, 3)
    for _ in range(3):
        await attempt(acme, "wrong")
    async with acme.database.transaction() as tx:
        await people.enable(tx, ada.id, acme.now)
    assert await attempt(acme, "wrong") is Problem.SIGN_IN_REFUSED
    assert not (await people.get(acme.database, ada.id)).disabled
    assert isinstance(await attempt(acme, PASSWORD), LoggedIn)


async def test_one_address_counts_in_each_of_its_organisations(acme: Platform, ada: User) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    there = await acme.add_user(organisation=GLOBEX, password=OTHER)
    await allow(acme, 4, GLOBEX)
    await attempt(acme, "wrong")
    assert (await failed(acme, ada), await failed(acme, there)) == (1, 1)
    await attempt(acme, "wrong", ACME)
    assert (await failed(acme, ada), await failed(acme, there)) == (2, 1)
    assert isinstance(await attempt(acme, OTHER), LoggedIn)
    assert (await failed(acme, ada), await failed(acme, there)) == (2, 0)


async def test_a_refusal_is_in_the_persons_history(acme: Platform, ada: User) -> None:
    await attempt(acme, "wrong")
    (event,) = await acme.database.all(EVENTS, name="login.refused")
    assert (event["user_id"], event["organisation_id"]) == (ada.id, ACME)
    assert event["reference"] == "ABCDEFGHIJKL"
    details = {"because": "password_wrong", "browser": "Chrome", "system": "Windows"}
    assert json.loads(event["details"]) == details
