"""Organisations: made, renamed, suspended."""

import pytest

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from kernel.problems import ProblemError
from support.platform import ACME, Platform

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
                await deed(tx, ACME, platform.now)
        assert refused.value.problem is Problem.ORGANISATION_UNKNOWN


async def test_suspending_ends_every_session_there_and_no_other(acme: Platform) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    ada = await acme.add_user()
    eve = await acme.add_user("eve@globex.example", organisation=GLOBEX)
    async with acme.database.transaction() as tx:
        secrets = [
            (await sessions.start(tx, user.id, "pwd", 100, "", acme.now))[0] for user in (ada, eve)
        ]
        assert await organisations.suspend(tx, ACME, acme.now)
    assert await sessions.find(acme.database, secrets[0], acme.now) is None
    assert await sessions.find(acme.database, secrets[1], acme.now) is not None
    there = await users.get(acme.database, ada.id)
    assert (there.suspended, there.access_revision) == (True, 2)
    assert (await users.get(acme.database, eve.id)).access_revision == 1


async def test_what_a_suspension_ended_stays_ended_after_it(acme: Platform) -> None:
    ada = await acme.add_user()
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, ada.id, "pwd", 100, "", acme.now)
        await organisations.suspend(tx, ACME, acme.now)
        assert not await organisations.suspend(tx, ACME, acme.now)
        assert await organisations.resume(tx, ACME, acme.now)
        assert not await organisations.resume(tx, ACME, acme.now)
    assert await sessions.find(acme.database, secret, acme.now) is None
    assert (await users.get(acme.database, ada.id)).may_log_in
