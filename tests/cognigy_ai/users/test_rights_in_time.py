"""What somebody may do is asked when it is written: rights that come or go meanwhile count."""

import asyncio

import pytest

from cognigy_ai import letters
from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from cognigy_ai.users import administration, emails, links
from cognigy_ai.users.rules import By, User
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from support.mailbox import last_letter
from support.platform import OUTBOX, PASSWORD, Platform, digest_of

ON_POSTGRESQL = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
BLOCKED_SECONDS = 0.5


@pytest.fixture
async def manager(acme: Platform) -> User:
    return await acme.add_user("um@acme.example", name="Uma", roles=("userManager",))


@pytest.fixture
async def bob(acme: Platform) -> User:
    return await acme.add_user("bob@acme.example", name="Bob")


async def planted(acme: Platform, by: User, user: User) -> str:
    """The fingerprint of a link that would give the person another address."""
    with audit.acting(audit.Actor(audit.USER, by.id)):
        async with acme.database.transaction() as tx:
            await emails.ask(tx, OUTBOX, user.id, "evil@evil.example", acme.now)
    return fingerprint((await last_letter(acme, letters.EMAIL_CHANGE))["secret"])


async def applied(acme: Platform, link: str) -> bool:
    async with acme.database.transaction() as tx:
        return await emails.apply(tx, OUTBOX, link, acme.now) is not None


@pytest.mark.parametrize("way", ["add", "set"])
async def test_whoever_becomes_an_admin_loses_the_links_under_way(
    acme: Platform, manager: User, bob: User, way: str
) -> None:
    change = await planted(acme, manager, bob)
    async with acme.database.transaction() as tx:
        link = fingerprint(await links.new(tx, bob.id, acme.now))
        if way == "add":
            await users.add_role(tx, bob.id, "admin", acme.now)
        else:
            await users.set_roles(tx, bob.id, ("admin",), acme.now)
    assert await links.find(acme.database, link, acme.now) is None
    assert await emails.find(acme.database, change, acme.now) is None
    assert not await applied(acme, change)


async def test_another_role_leaves_the_links(acme: Platform, manager: User, bob: User) -> None:
    change = await planted(acme, manager, bob)
    async with acme.database.transaction() as tx:
        await users.add_role(tx, bob.id, "odata", acme.now)
    assert await applied(acme, change)


@pytest.mark.parametrize("loss", ["demoted", "disabled", "deleted"])
async def test_an_address_change_is_worth_what_its_asker_may_do_now(
    acme: Platform, manager: User, bob: User, loss: str
) -> None:
    change = await planted(acme, manager, bob)
    async with acme.database.transaction() as tx:
        if loss == "demoted":
            await users.remove_role(tx, manager.id, "userManager", acme.now)
        elif loss == "disabled":
            await users.disable(tx, manager.id, acme.now)
        else:
            await users.delete(tx, manager.id, acme.now)
    assert await emails.find(acme.database, change, acme.now) is None
    assert not await applied(acme, change)
    assert (await users.get(acme.database, bob.id)).email == "bob@acme.example"


async def test_ones_own_address_change_needs_no_role(acme: Platform, bob: User) -> None:
    assert await applied(acme, await planted(acme, bob, bob))


@pytest.mark.parametrize("loss", ["demoted", "disabled"])
async def test_a_deed_is_refused_when_the_rights_are_gone(
    acme: Platform, bob: User, loss: str
) -> None:
    await acme.add_user("boss@acme.example", roles=("admin",))
    rogue = await acme.add_user("rogue@acme.example", roles=("admin",))
    by = By.person(rogue)  # as the request found it
    async with acme.database.transaction() as tx:
        if loss == "demoted":
            await users.remove_role(tx, rogue.id, "admin", acme.now)
        else:
            await users.disable(tx, rogue.id, acme.now)
    with pytest.raises(ProblemError) as refused:
        async with acme.database.transaction() as tx:
            await administration.give(tx, by, bob.id, "admin", acme.now)
    assert refused.value.problem is Problem.PERMISSION_MISSING
    assert "admin" not in (await users.get(acme.database, bob.id)).roles


@ON_POSTGRESQL
async def test_nobody_becomes_an_admin_while_a_user_manager_changes_them(
    acme: Platform, manager: User
) -> None:
    invited = await acme.add_user("new@acme.example", password=None, email_verified=False)

    async def promote() -> None:
        async with acme.database.transaction() as tx:
            await users.add_role(tx, invited.id, "admin", acme.now)

    async with acme.database.transaction() as tx:
        await administration.get_to_change(tx, By.person(manager), invited.id)
        promotion = asyncio.create_task(promote())
        done, _ = await asyncio.wait({promotion}, timeout=BLOCKED_SECONDS)
        assert not done
        link = fingerprint(await links.new(tx, invited.id, acme.now))
    await promotion
    assert await links.find(acme.database, link, acme.now) is None


@ON_POSTGRESQL
async def test_a_user_manager_who_waited_for_a_promotion_is_refused(
    acme: Platform, manager: User, bob: User
) -> None:
    async def change() -> None:
        async with acme.database.transaction() as tx:
            await administration.end_access(tx, By.person(manager), bob.id, acme.now)

    async with acme.database.transaction() as tx:
        await users.add_role(tx, bob.id, "admin", acme.now)
        changing = asyncio.create_task(change())
        done, _ = await asyncio.wait({changing}, timeout=BLOCKED_SECONDS)
        assert not done
    with pytest.raises(ProblemError) as refused:
        await changing
    assert refused.value.problem is Problem.PERMISSION_MISSING


@ON_POSTGRESQL
async def test_a_new_name_verifies_no_address_that_came_meanwhile(acme: Platform) -> None:
    user = await acme.add_user("mine@evil.example", password=None, email_verified=False)
    async with acme.database.transaction() as tx:
        link = fingerprint(await links.new(tx, user.id, acme.now))
    renaming = acme.database.transaction()
    tx = await renaming.__aenter__()
    assert not (await users.get(tx, user.id)).email_verified
    async with acme.database.transaction() as other:
        assert await links.redeem(other, OUTBOX, link, await digest_of(PASSWORD), acme.now)
        await users.set_verified(other, user.id, acme.now, verified=True)
    async with acme.database.transaction() as other:
        await users.set_address(other, user.id, "victim@acme.example", acme.now, verified=False)
    await users.change(tx, user.id, name="Another", locale="en", now=acme.now)
    await renaming.__aexit__(None, None, None)
    now = await users.get(acme.database, user.id)
    assert (now.name, now.email, now.email_verified) == ("Another", "victim@acme.example", False)


@pytest.mark.parametrize("state", ["verified", "password"])
async def test_an_administrator_corrects_the_address_of_the_merely_invited_only(
    acme: Platform, manager: User, state: str
) -> None:
    password = PASSWORD if state == "password" else None
    user = await acme.add_user("v@acme.example", password=password, email_verified=password is None)
    by = By.person(manager)
    with pytest.raises(ProblemError) as refused:
        async with acme.database.transaction() as tx:
            await administration.set_address(tx, by, user.id, "evil@evil.example", acme.now)
    assert refused.value.problem is Problem.ADDRESS_IS_VERIFIED
    assert (await users.get(acme.database, user.id)).email == "v@acme.example"


async def test_deeds_on_many_administrators_at_once_wait_for_each_other_in_one_order(
    acme: Platform,
) -> None:
    """Each holds one administrator and wants to lock all: without one order it is a deadlock."""
    people = [await acme.add_user(f"a{i}@acme.example", roles=("admin",)) for i in range(6)]
    boss = await acme.add_user("boss@acme.example", roles=("admin",))

    async def end(number: int, user: User) -> ProblemError | None:
        deeds = (administration.disable, administration.delete, administration.end_access)
        try:
            async with acme.database.transaction() as tx:
                await administration.get_to_change(tx, By.person(boss), user.id)
                await deeds[number % 3](tx, By.person(boss), user.id, acme.now)
        except ProblemError as error:
            return error
        return None

    async def demote(user: User) -> None:
        async with acme.database.transaction() as tx:
            await users.remove_role(tx, user.id, "admin", acme.now)

    first, rest = people[:3], people[3:]
    outcomes = await asyncio.gather(
        *(end(number, user) for number, user in enumerate(reversed(first))),
        *(demote(user) for user in rest),
    )
    assert outcomes == [None] * 6
