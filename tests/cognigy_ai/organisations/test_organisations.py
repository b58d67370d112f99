"""Organisations: made, renamed, suspended."""

import pytest
from sqlalchemy import select

from cognigy_ai.db.tables import audit_events
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from kernel.problems import ProblemError
from support.platform import ACME, OUTBOX, Platform

GLOBEX = "b" * 24


async def test_an_organisation_gets_an_id_of_24_hex_characters(platform: Platform) -> None:
    async with platform.database.transaction() as tx:
        made = await organisations.create(tx, "Initech", platform.now)
    assert len(made) == 24
    assert (await organisations.get(platform.database, made)).name == "Initech"


@pytest.mark.parametrize("wrong", ["A" * 24, "a" * 23, "a" * 25, "g" * 24, "a" * 23 + "\n"])
async def test_an_id_of_another_form_is_refused(platform: Platform, wrong: str) -> None:
    with pytest.raises(ProblemError) as refused:
        await platform.add_organisation(wrong)
    assert refused.value.problem is Problem.ORGANISATION_ID_INVALID


async def test_an_id_is_given_once(acme: Platform) -> None:
    with pytest.raises(ProblemError) as refused:
        await acme.add_organisation(ACME, "Another")
    assert refused.value.problem is Problem.ORGANISATION_EXISTS


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "two\nlines"])
async def test_a_name_has_to_be_fit_to_be_shown(acme: Platform, name: str) -> None:
    with pytest.raises(ProblemError) as refused:
        await acme.add_organisation(GLOBEX, name)
    assert refused.value.problem is Problem.NAME_INVALID
    with pytest.raises(ProblemError):
        async with acme.database.transaction() as tx:
            await organisations.rename(tx, ACME, name, acme.now)


async def test_a_rename_says_whether_it_was_one(acme: Platform) -> None:
    async with acme.database.transaction() as tx:
        assert not await organisations.rename(tx, ACME, "Acme", acme.now)
        assert await organisations.rename(tx, ACME, "Acme Ltd", acme.now)
    assert [one.name for one in await organisations.list_(acme.database)] == ["Acme Ltd"]


async def test_an_unknown_organisation_is_a_refusal(platform: Platform) -> None:
    for deed in (organisations.suspend, organisations.resume):
        with pytest.raises(ProblemError) as refused:
            async with platform.database.transaction() as tx:
                await deed(tx, OUTBOX, ACME, platform.now)
        assert refused.value.problem is Problem.ORGANISATION_UNKNOWN


async def test_suspending_ends_every_session_there_and_no_other(acme: Platform) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    ada = await acme.add_user()
    eve = await acme.add_user("eve@globex.example", organisation=GLOBEX)
    async with acme.database.transaction() as tx:
        secrets = [
            (await sessions.start(tx, user.id, "pwd", 100, "", acme.now))[0] for user in (ada, eve)
        ]
        assert await organisations.suspend(tx, OUTBOX, ACME, acme.now)
    assert await sessions.find(acme.database, secrets[0], acme.now) is None
    assert await sessions.find(acme.database, secrets[1], acme.now) is not None
    there = await users.get(acme.database, ada.id)
    assert (there.suspended, there.access_revision) == (True, 2)
    assert (await users.get(acme.database, eve.id)).access_revision == 1


async def test_what_a_suspension_ended_stays_ended_after_it(acme: Platform) -> None:
    ada = await acme.add_user()
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, ada.id, "pwd", 100, "", acme.now)
        await organisations.suspend(tx, OUTBOX, ACME, acme.now)
        assert not await organisations.suspend(tx, OUTBOX, ACME, acme.now)
        assert await organisations.resume(tx, OUTBOX, ACME, acme.now)
        assert not await organisations.resume(tx, OUTBOX, ACME, acme.now)
    assert await sessions.find(acme.database, secret, acme.now) is None
    assert (await users.get(acme.database, ada.id)).may_log_in


async def test_some_are_found_by_a_part_of_their_name(acme: Platform) -> None:
    for number, name in enumerate(["Globex 100%", "globex_2", "Initech/GLO"]):
        await acme.add_organisation(f"{number:024}", name)

    async def names(words: str = "", most: int = 10, skip: int = 0) -> list[str]:
        found = await organisations.list_page(acme.database, words, most, skip)
        return [one.name for one in found]

    assert set(await names()) == {"Acme", "Globex 100%", "globex_2", "Initech/GLO"}
    assert set(await names("glo")) == {"Globex 100%", "globex_2", "Initech/GLO"}
    assert await names("0%") == ["Globex 100%"]
    assert await names("x_") == ["globex_2"]
    assert await names("h/g") == ["Initech/GLO"]
    assert await names("nothing so") == []
    pages = [*await names(most=3), *await names(most=3, skip=3)]
    assert pages == await names()


async def test_people_are_counted_up_to_a_bound(acme: Platform) -> None:
    assert await organisations.count_people(acme.database, ACME, 10) == 0
    for name in ("ada", "bob", "eve"):
        await acme.add_user(f"{name}@acme.example", password=None)
    assert await organisations.count_people(acme.database, ACME, 10) == 3
    assert await organisations.count_people(acme.database, ACME, 2) == 2
    assert await organisations.count_people(acme.database, GLOBEX, 2) == 0


async def test_policy_and_two_step_login_are_kept(acme: Platform) -> None:
    new = await organisations.get(acme.database, ACME)
    assert (new.policy_json, new.two_step_required) == (None, False)
    for policy in ('{"minLength":14}', None):
        async with acme.database.transaction() as tx:
            assert await organisations.set_policy(tx, ACME, policy, acme.now)
            assert not await organisations.set_policy(tx, ACME, policy, acme.now)
        assert (await organisations.get(acme.database, ACME)).policy_json == policy
    for required in (True, False):
        async with acme.database.transaction() as tx:
            change = organisations.set_two_step_required
            assert await change(tx, ACME, required=required, now=acme.now)
            assert not await change(tx, ACME, required=required, now=acme.now)
        assert (await organisations.get(acme.database, ACME)).two_step_required is required
    events = [row["event"] for row in await acme.database.all(select(audit_events.c.event))]
    assert events.count("organisation.policy_changed") == 2
    assert events.count("organisation.two_step_required") == 1
    assert events.count("organisation.two_step_optional") == 1


async def test_the_first_number_of_live_agent_is_kept(acme: Platform) -> None:
    async with acme.database.transaction() as tx:
        keep = organisations.keep_live_agent_account
        assert await keep(tx, OUTBOX, ACME, 7, acme.now) == 7
        assert await keep(tx, OUTBOX, ACME, 8, acme.now + 5) == 7
    one = await organisations.get(acme.database, ACME)
    assert (one.live_agent_account, one.live_agent_set_up_at) == (7, acme.now)
