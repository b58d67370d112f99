"""API keys: stored as fingerprints, with their owner's rights of this moment, until they end."""

from typing import Any

import pytest

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.api_keys import rules
from cognigy_ai.api_keys.rules import MadeKey
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import User
from kernel.problems import ProblemError
from support.platform import ACME, OUTBOX, Platform

GLOBEX = "b" * 24
DAY = 24 * 3600


@pytest.fixture
async def grace(acme: Platform) -> User:
    """Somebody who may have keys."""
    return await acme.add_user("grace@acme.example", name="Grace Hopper", roles=("apiKeys",))


async def make(platform: Platform, owner: User, **changes: Any) -> MadeKey:
    values = {"name": "Nightly export", "expires_at": platform.now + 90 * DAY} | changes
    async with platform.database.transaction() as tx:
        return await api_keys.create(tx, owner, now=platform.now, **values)


async def make_for_operator(platform: Platform) -> MadeKey:
    async with platform.database.transaction() as tx:
        ends = platform.now + 90 * DAY
        return await api_keys.create_for_operator(tx, "Provisioning", ends, platform.now)


async def holder(platform: Platform, secret: str) -> rules.Holder | None:
    return await api_keys.find_holder(platform.database, secret, platform.now)


async def test_a_key_finds_its_owner_with_the_roles_of_this_moment(acme: Platform, grace: User):
    made = await make(acme, grace)
    found = await holder(acme, made.secret)
    assert found is not None
    assert (found.owner_id, found.organisation_id) == (grace.id, ACME)
    assert "userManager" not in found.roles
    async with acme.database.transaction() as tx:
        await users.add_role(tx, grace.id, "userManager", acme.now)
    found = await holder(acme, made.secret)
    assert found is not None
    assert "userManager" in found.roles


async def test_the_secret_is_recognisable_and_is_not_in_the_database(acme: Platform, grace: User):
    made = await make(acme, grace)
    assert made.secret.startswith("ck_")
    listed = await api_keys.list_of_owner(acme.database, grace.id)
    assert [key.hint for key in listed] == [made.secret[:8]]
    assert made.secret not in repr(listed)


async def test_a_key_ends(acme: Platform, grace: User):
    made = await make(acme, grace, expires_at=acme.now + DAY)
    acme.clock.advance(DAY - 1)
    assert await holder(acme, made.secret) is not None
    acme.clock.advance(1)
    assert await holder(acme, made.secret) is None
    [key] = await api_keys.list_of_owner(acme.database, grace.id)
    assert key.state(acme.now) == "expired"


async def test_a_revoked_key_is_worth_nothing(acme: Platform, grace: User):
    made = await make(acme, grace)
    async with acme.database.transaction() as tx:
        key = await api_keys.get_of_owner(tx, grace.id, made.id)
        assert await api_keys.revoke(tx, key, acme.now)
        assert not await api_keys.revoke(tx, key, acme.now)
    assert await holder(acme, made.secret) is None


async def test_the_key_of_a_disabled_person_is_worth_nothing(acme: Platform, grace: User):
    made = await make(acme, grace)
    async with acme.database.transaction() as tx:
        await users.disable(tx, grace.id, acme.now)
    assert await holder(acme, made.secret) is None


async def test_the_keys_of_a_suspended_organisation_are_worth_nothing(acme: Platform, grace: User):
    made = await make(acme, grace)
    async with acme.database.transaction() as tx:
        await organisations.suspend(tx, OUTBOX, ACME, acme.now)
    assert await holder(acme, made.secret) is None


async def test_a_key_stops_when_its_owner_may_have_none(acme: Platform, grace: User):
    made = await make(acme, grace)
    async with acme.database.transaction() as tx:
        await users.remove_role(tx, grace.id, "apiKeys", acme.now)
    assert await holder(acme, made.secret) is None


async def test_who_may_have_no_keys_makes_none(acme: Platform):
    agent = await acme.add_user(roles=("userManager", "liveAgentAdmin"))
    with pytest.raises(ProblemError) as refusal:
        await make(acme, agent)
    assert refusal.value.problem is Problem.PERMISSION_MISSING


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "  "}, Problem.NAME_INVALID),
        ({"name": "a\0b"}, Problem.NAME_INVALID),
        ({"name": "x" * 201}, Problem.NAME_INVALID),
        ({"expires_at": 0}, Problem.API_KEY_END_INVALID),
        ({"expires_at": 2**62}, Problem.API_KEY_END_INVALID),
    ],
)
async def test_a_key_needs_a_name_and_an_end_within_a_year(
    acme: Platform, grace: User, changes: dict[str, Any], problem: Problem
):
    with pytest.raises(ProblemError) as refusal:
        await make(acme, grace, **changes)
    assert refusal.value.problem is problem
    assert await api_keys.list_of_owner(acme.database, grace.id) == []


async def test_a_person_has_a_limited_number_of_valid_keys(acme: Platform, grace: User):
    made = [await make(acme, grace) for _ in range(rules.MOST_OF_ONE_OWNER)]
    with pytest.raises(ProblemError) as refusal:
        await make(acme, grace)
    assert refusal.value.problem is Problem.API_KEYS_TOO_MANY
    async with acme.database.transaction() as tx:
        await api_keys.revoke(tx, await api_keys.get(tx, made[0].id), acme.now)
    await make(acme, grace)


async def test_an_operators_key_belongs_to_no_organisation(acme: Platform):
    made = await make_for_operator(acme)
    assert await holder(acme, made.secret) == rules.Holder(made.id, None, None, ())


async def test_use_is_noted_at_most_once_a_minute(acme: Platform, grace: User):
    made, first = await make(acme, grace), acme.now

    async def used() -> int | None:
        found = await holder(acme, made.secret)
        assert found is not None
        await api_keys.note_use(acme.database, found, acme.now)
        return (await api_keys.get(acme.database, made.id)).last_used_at

    assert await used() == first
    acme.clock.advance(59)
    assert await used() == first
    acme.clock.advance(1)
    assert await used() == first + 60


async def test_rotation_makes_a_second_key_and_both_are_valid_for_the_overlap(
    acme: Platform, grace: User
):
    old = await make(acme, grace)
    async with acme.database.transaction() as tx:
        new = await api_keys.rotate(tx, await api_keys.get(tx, old.id), 3600, acme.now)
    assert new.secret != old.secret
    assert new.expires_at == acme.now + 90 * DAY
    acme.clock.advance(3599)
    assert await holder(acme, old.secret) is not None
    acme.clock.advance(1)
    assert await holder(acme, old.secret) is None
    assert await holder(acme, new.secret) is not None


async def test_rotation_without_overlap_ends_the_old_key_now(acme: Platform):
    old = await make_for_operator(acme)
    async with acme.database.transaction() as tx:
        new = await api_keys.rotate(tx, await api_keys.get(tx, old.id), 0, acme.now)
    assert await holder(acme, old.secret) is None
    assert await holder(acme, new.secret) is not None
    with pytest.raises(ProblemError) as refusal:
        async with acme.database.transaction() as tx:
            await api_keys.rotate(tx, await api_keys.get(tx, old.id), 0, acme.now)
    assert refusal.value.problem is Problem.API_KEY_ENDED


async def test_a_rotation_never_lengthens_the_old_key(acme: Platform, grace: User):
    old = await make(acme, grace, expires_at=acme.now + 60)
    async with acme.database.transaction() as tx:
        await api_keys.rotate(tx, await api_keys.get(tx, old.id), 3600, acme.now)
    assert (await api_keys.get(acme.database, old.id)).expires_at == acme.now + 60


async def test_keys_of_others_are_as_absent(acme: Platform, grace: User):
    await acme.add_organisation(GLOBEX, "Globex")
    made = await make(acme, grace)
    other = await acme.add_user("mallory@globex.example", organisation=GLOBEX, roles=("admin",))
    for key_id in (made.id, "0" * 32, "\0", "x"):
        with pytest.raises(ProblemError) as refusal:
            await api_keys.get_of_owner(acme.database, other.id, key_id)
        assert refusal.value.problem is Problem.API_KEY_UNKNOWN
        with pytest.raises(ProblemError) as refusal:
            await api_keys.get_of_organisation(acme.database, GLOBEX, key_id)
        assert refusal.value.problem is Problem.API_KEY_UNKNOWN


async def test_the_keys_of_an_organisation_come_page_by_page(acme: Platform, grace: User):
    made = []
    for second in range(5):
        acme.clock.advance(second % 2)  # some were made in the same second
        made.append((await make(acme, grace)).id)
    seen: list[str] = []
    place: tuple[int, str] | None = None
    while found := await api_keys.list_of_organisation(acme.database, ACME, 2, place):
        seen += [key.id for key in found]
        place = (found[-1].created_at, found[-1].id)
    assert sorted(seen) == sorted(made)
    assert (await api_keys.list_of_organisation(acme.database, GLOBEX, 2)) == []


async def test_a_deleted_person_takes_the_keys_along_and_old_ones_are_removed(
    acme: Platform, grace: User
):
    made = await make(acme, grace)
    acme.clock.advance(90 * DAY)
    assert await api_keys.prune(acme.database, acme.now) == 0
    acme.clock.advance(90 * DAY)
    assert await api_keys.prune(acme.database, acme.now) == 1
    assert await holder(acme, made.secret) is None
