"""The last administrator of an organisation stays one, also in a race (DESIGN 3 rule 9)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from kernel.db import Tx
from kernel.problems import ProblemCatalogue, ProblemError
from support.platform import ACME, Platform

GLOBEX = "b" * 24

Deed = Callable[[Tx, str, int], Awaitable[bool]]


async def demote(tx: Tx, user_id: str, now: int) -> bool:
    return await users.remove_role(tx, user_id, "admin", now)


async def set_other_roles(tx: Tx, user_id: str, now: int) -> bool:
    return await users.set_roles(tx, user_id, ("liveAgentAgent",), now)


async def disable(tx: Tx, user_id: str, now: int) -> bool:
    return await users.disable(tx, user_id, now)


async def delete(tx: Tx, user_id: str, now: int) -> bool:
    await users.delete(tx, user_id, now)
    return True


DEEDS = [demote, set_other_roles, disable, delete]


async def try_(platform: Platform, deed: Deed, user_id: str) -> ProblemCatalogue | None:
    """What it was refused with."""
    try:
        async with platform.database.transaction() as tx:
            assert await deed(tx, user_id, platform.now)
    except ProblemError as error:
        return error.problem
    return None


async def administrators(platform: Platform) -> list[str]:
    found = await users.list_users(platform.database, ACME)
    return [user.id for user in found if "admin" in user.roles and not user.disabled]


@pytest.mark.parametrize("deed", DEEDS)
async def test_the_last_administrator_stays(acme: Platform, deed: Deed) -> None:
    only = await acme.add_user(roles=("admin",))
    await acme.add_user("agent@acme.example")
    assert await try_(acme, deed, only.id) is Problem.LAST_ADMINISTRATOR
    assert await users.get(acme.database, only.id) == only


@pytest.mark.parametrize("deed", DEEDS)
async def test_one_of_two_administrators_can_go(acme: Platform, deed: Deed) -> None:
    one = await acme.add_user(roles=("admin",))
    other = await acme.add_user("other@acme.example", roles=("admin",))
    assert await try_(acme, deed, one.id) is None
    assert await administrators(acme) == [other.id]


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_disabled_administrator_does_not_count(acme: Platform, deed: Deed) -> None:
    one = await acme.add_user(roles=("admin",))
    other = await acme.add_user("other@acme.example", roles=("admin",))
    assert await try_(acme, disable, other.id) is None
    assert await try_(acme, deed, one.id) is Problem.LAST_ADMINISTRATOR


@pytest.mark.parametrize("deed", DEEDS)
async def test_an_administrator_who_cannot_sign_in_yet_does_not_count(
    acme: Platform, deed: Deed
) -> None:
    one = await acme.add_user(roles=("admin",))
    await acme.add_user("invited@acme.example", roles=("admin",), password=None)
    assert await try_(acme, deed, one.id) is Problem.LAST_ADMINISTRATOR


@pytest.mark.parametrize("deed", DEEDS)
async def test_an_administrator_of_another_organisation_does_not_count(
    acme: Platform, deed: Deed
) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    one = await acme.add_user(roles=("admin",))
    await acme.add_user("other@globex.example", organisation=GLOBEX, roles=("admin",))
    assert await try_(acme, deed, one.id) is Problem.LAST_ADMINISTRATOR


@pytest.mark.parametrize("first", DEEDS)
@pytest.mark.parametrize("second", DEEDS)
async def test_of_two_simultaneous_demotions_one_is_refused(
    acme: Platform, first: Deed, second: Deed
) -> None:
    one = await acme.add_user(roles=("admin",))
    other = await acme.add_user("other@acme.example", roles=("admin",))
    ready = asyncio.Barrier(2)

    async def together(deed: Deed, user_id: str) -> ProblemCatalogue | None:
        await ready.wait()
        return await try_(acme, deed, user_id)

    outcomes = await asyncio.gather(together(first, one.id), together(second, other.id))
    assert sorted(map(str, outcomes)) == sorted(map(str, (None, Problem.LAST_ADMINISTRATOR)))
    assert len(await administrators(acme)) == 1


async def test_of_many_simultaneous_demotions_one_administrator_is_left(acme: Platform) -> None:
    people = [
        await acme.add_user(f"admin{number}@acme.example", roles=("admin", "odata"))
        for number in range(6)
    ]
    deeds = [DEEDS[number % 4] for number in range(6)]
    outcomes = await asyncio.gather(
        *(try_(acme, deed, user.id) for deed, user in zip(deeds, people, strict=True))
    )
    assert outcomes.count(Problem.LAST_ADMINISTRATOR) == 1
    assert len(await administrators(acme)) == 1
