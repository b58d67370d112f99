"""Deeds with somebody's rights: who may do what to whom, in which organisation."""

from collections.abc import Awaitable, Callable

import pytest

from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users import administration, links, listing
from cognigy_ai.users.administration import OPERATOR, By
from cognigy_ai.users.rules import NewUser, User
from kernel.db import Tx
from kernel.opaque import fingerprint
from kernel.problems import ProblemCatalogue, ProblemError
from support.platform import ACME, Platform

GLOBEX = "b" * 24
Deed = Callable[[Tx, By, str, int], Awaitable[object]]


async def rename(tx: Tx, by: By, user_id: str, now: int) -> object:
    return await administration.change(tx, by, user_id, now, name="Somebody Else")


async def move(tx: Tx, by: By, user_id: str, now: int) -> object:
    return await administration.set_address(tx, by, user_id, "new@acme.example", now)


async def give(tx: Tx, by: By, user_id: str, now: int) -> object:
    return await administration.give(tx, by, user_id, "odata", now)


async def take(tx: Tx, by: By, user_id: str, now: int) -> object:
    return await administration.take(tx, by, user_id, "projectManager", now)


async def set_roles(tx: Tx, by: By, user_id: str, now: int) -> object:
    return await administration.set_roles(tx, by, user_id, ["odata"], now)


async def set_password(tx: Tx, by: By, user_id: str, now: int) -> object:
    return await administration.set_password(tx, by, user_id, "a digest", now)


DEEDS: list[Deed] = [
    rename,
    move,
    give,
    take,
    set_roles,
    set_password,
    administration.disable,
    administration.enable,
    administration.delete,
    administration.end_access,
]


async def refusal(platform: Platform, deed: Deed, by: By, user_id: str) -> ProblemCatalogue | None:
    try:
        async with platform.database.transaction() as tx:
            await deed(tx, by, user_id, platform.now)
    except ProblemError as error:
        return error.problem
    return None


@pytest.fixture
async def people(acme: Platform) -> dict[str, User]:
    """One person for each rank."""
    found = {
        role: await acme.add_user(f"{role}@acme.example", roles=(role,))
        for role in ("admin", "userManager", "userDetailsViewer", "liveAgentAgent")
    }
    found["target"] = await acme.add_user(
        "target@acme.example", roles=("projectManager",), password=None, email_verified=False
    )
    found["other admin"] = await acme.add_user("boss@acme.example", roles=("admin", "apiKeys"))
    return found


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
async def test_ranks_are_kept(acme: Platform, people: dict[str, User], deed: Deed) -> None:
    for rank in ("liveAgentAgent", "userDetailsViewer"):
        by = By.person(people[rank])
        assert await refusal(acme, deed, by, people["target"].id) is Problem.PERMISSION_MISSING
    manager = By.person(people["userManager"])
    found = await refusal(acme, deed, manager, people["other admin"].id)
    assert found is Problem.PERMISSION_MISSING
    assert await refusal(acme, deed, manager, people["target"].id) is None


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
async def test_people_of_another_organisation_are_not_there(
    acme: Platform, people: dict[str, User], deed: Deed
) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    stranger = await acme.add_user("eve@globex.example", organisation=GLOBEX, roles=("admin",))
    before = await users.get(acme.database, people["target"].id)
    for user_id in (people["target"].id, "f" * 24, "", "\0", "x" * 5000, "é"):
        assert await refusal(acme, deed, By.person(stranger), user_id) is Problem.USER_UNKNOWN
    assert await users.get(acme.database, people["target"].id) == before


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
async def test_an_operator_may_everything_everywhere(
    acme: Platform, people: dict[str, User], deed: Deed
) -> None:
    assert await refusal(acme, deed, OPERATOR, people["target"].id) is None


async def test_a_user_manager_gives_no_role_that_allows_more_than_their_own(
    acme: Platform, people: dict[str, User]
) -> None:
    by, target = By.person(people["userManager"]), people["target"].id

    async def give_admin(tx: Tx, by: By, user_id: str, now: int) -> object:
        return await administration.give(tx, by, user_id, "admin", now)

    async def set_admin(tx: Tx, by: By, user_id: str, now: int) -> object:
        return await administration.set_roles(tx, by, user_id, ["projectManager", "admin"], now)

    async def create_admin(tx: Tx, by: By, _: str, now: int) -> object:
        new = NewUser(ACME, "new@acme.example", "New", ("odata", "admin"))
        return await administration.create(tx, by, new, now)

    async def give_support(tx: Tx, by: By, user_id: str, now: int) -> object:
        return await administration.give(tx, by, user_id, "fullSupportUser", now)

    async def take_keys(tx: Tx, by: By, user_id: str, now: int) -> object:
        return await administration.take(tx, by, user_id, "apiKeys", now)

    for deed in (give_admin, set_admin, create_admin, give_support, take_keys):
        assert await refusal(acme, deed, by, target) is Problem.PERMISSION_MISSING
    own = by.user_id or ""
    assert await refusal(acme, give_admin, by, own) is Problem.PERMISSION_MISSING
    assert (await users.get(acme.database, target)).roles == ("base_role", "projectManager")
    assert await refusal(acme, give, by, target) is None


@pytest.mark.parametrize("deed", [administration.disable, administration.delete])
async def test_nobody_ends_their_own_account(
    acme: Platform, people: dict[str, User], deed: Deed
) -> None:
    for rank in ("admin", "userManager"):
        own = people[rank]
        assert await refusal(acme, deed, By.person(own), own.id) is Problem.OWN_ACCOUNT


async def test_the_last_administrator_is_not_deleted(acme: Platform) -> None:
    only = await acme.add_user(roles=("admin",))
    deleted = await refusal(acme, administration.delete, OPERATOR, only.id)
    assert deleted is Problem.LAST_ADMINISTRATOR
    other = await acme.add_user("other@acme.example", roles=("admin",))
    assert await refusal(acme, administration.delete, By.person(other), only.id) is None
    assert await users.find(acme.database, only.id) is None


async def test_what_hangs_on_a_deleted_person_goes_too(acme: Platform) -> None:
    await acme.add_user(roles=("admin",))
    bob = await acme.add_user("bob@acme.example", name="Bob Unique")
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, bob.id, "pwd", 3600, "", acme.now)
        link = fingerprint(await links.new(tx, bob.id, acme.now))
        await administration.delete(tx, OPERATOR, bob.id, acme.now)
    assert await sessions.find(acme.database, secret, acme.now) is None
    assert await links.find_owner(acme.database, link, acme.now) is None
    found = await listing.list_page(acme.database, listing.Query(ACME, words=("unique",)))
    assert found.people == ()
    again = await acme.add_user("bob@acme.example", name="Bob Unique")
    assert again.id != bob.id


async def test_an_address_made_by_an_administrator_is_never_verified(
    acme: Platform, people: dict[str, User]
) -> None:
    """DESIGN section 3 rule 4."""
    by = By.person(people["admin"])
    async with acme.database.transaction() as tx:
        new = NewUser(ACME, "new@acme.example", "New", email_verified=True)
        made = await administration.create(tx, by, new, acme.now)
        await administration.set_address(tx, by, made, "newer@acme.example", acme.now)
        user = await users.get(tx, made)
    assert (user.email, user.email_verified) == ("newer@acme.example", False)


async def test_a_verified_address_is_not_replaced_by_an_administrator(
    acme: Platform, people: dict[str, User]
) -> None:
    by, verified = By.person(people["admin"]), people["liveAgentAgent"].id
    assert await refusal(acme, move, by, verified) is Problem.ADDRESS_IS_VERIFIED


async def test_a_colleagues_address_is_not_taken(acme: Platform, people: dict[str, User]) -> None:
    async def take_over(tx: Tx, by: By, user_id: str, now: int) -> object:
        return await administration.set_address(tx, by, user_id, "ADMIN@acme.example", now)

    by = By.person(people["admin"])
    assert await refusal(acme, take_over, by, people["target"].id) is Problem.USER_EXISTS


async def test_a_new_address_voids_links_and_is_searched_by(
    acme: Platform, people: dict[str, User]
) -> None:
    by, target = By.person(people["admin"]), people["target"]
    async with acme.database.transaction() as tx:
        link = fingerprint(await links.new(tx, target.id, acme.now))
        assert await administration.set_address(tx, by, target.id, "zora@acme.example", acme.now)
        assert not await administration.set_address(
            tx, by, target.id, "zora@acme.example", acme.now
        )
    assert await links.find_owner(acme.database, link, acme.now) is None
    found = await listing.list_page(acme.database, listing.Query(ACME, words=("zora",)))
    assert [person.id for person in found.people] == [target.id]
    assert (await users.get(acme.database, target.id)).access_revision > target.access_revision


async def test_a_password_that_somebody_else_set_has_to_be_changed(
    acme: Platform, people: dict[str, User]
) -> None:
    target = people["target"].id
    async with acme.database.transaction() as tx:
        by = By.person(people["admin"])
        await administration.set_password(tx, by, target, "a digest", acme.now)
    assert (await listing.get_person(acme.database, ACME, target)).must_change_password
    async with acme.database.transaction() as tx:
        await users.set_password(tx, target, "another digest", acme.now)
    assert not (await listing.get_person(acme.database, ACME, target)).must_change_password


async def test_base_role_is_everybodys(acme: Platform, people: dict[str, User]) -> None:
    async def take_base(tx: Tx, by: By, user_id: str, now: int) -> object:
        return await administration.take(tx, by, user_id, "base_role", now)

    by, target = By.person(people["admin"]), people["target"].id
    assert await refusal(acme, take_base, by, target) is Problem.BASE_ROLE_STAYS
    async with acme.database.transaction() as tx:
        await administration.set_roles(tx, by, target, [], acme.now)
    assert (await users.get(acme.database, target)).roles == ("base_role",)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"name": " "}, Problem.NAME_INVALID),
        ({"name": "x" * 201}, Problem.NAME_INVALID),
        ({"locale": "xx"}, Problem.LOCALE_UNKNOWN),
    ],
)
async def test_one_fault_changes_nothing(
    acme: Platform, people: dict[str, User], values: dict[str, str], problem: Problem
) -> None:
    async def change(tx: Tx, by: By, user_id: str, now: int) -> object:
        return await administration.change(tx, by, user_id, now, **values)

    target = people["target"]
    assert await refusal(acme, change, OPERATOR, target.id) is problem
    assert await users.get(acme.database, target.id) == target
