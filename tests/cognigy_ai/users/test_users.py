"""Users: made, changed, disabled, given passwords."""

import pytest

from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users import links
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from support.platform import ACME, Platform, digest_of

GLOBEX = "b" * 24
DAY = 24 * 3600


async def test_a_new_user_has_what_was_given_and_the_role_of_everybody(acme: Platform) -> None:
    user = await acme.add_user(" Ada@Acme.example ", roles=("liveAgentAgent",))
    assert user.email == "Ada@Acme.example"
    assert user.roles == ("base_role", "liveAgentAgent")
    assert user.organisation_name == "Acme"
    assert user.access_revision == 1
    assert user.email_verified is True
    assert user.may_log_in


async def test_an_address_is_found_whatever_the_case(acme: Platform) -> None:
    user = await acme.add_user("Ada@Acme.example")
    found = await users.find_by_email(acme.database, "aDA@aCME.EXAMPLE", None)
    assert [one.user.id for one in found] == [user.id]


async def test_an_organisation_has_an_address_once(acme: Platform) -> None:
    """Lesson 22: nobody takes a colleague's address, whatever its spelling."""
    await acme.add_user("ada@acme.example")
    with pytest.raises(ProblemError) as refused:
        await acme.add_user("ADA@acme.example")
    assert refused.value.problem is Problem.USER_EXISTS


async def test_two_organisations_may_have_the_same_address(acme: Platform) -> None:
    """Lesson 30: each of them is a user of exactly one organisation."""
    await acme.add_organisation(GLOBEX, "Globex")
    one = await acme.add_user()
    other = await acme.add_user(organisation=GLOBEX)
    found = await users.find_by_email(acme.database, one.email, None)
    assert [c.user.organisation_id for c in found] == [ACME, GLOBEX]
    there = await users.get_by_email(acme.database, one.email, GLOBEX)
    assert there.id == other.id
    with pytest.raises(ProblemError) as refused:
        await users.get_by_email(acme.database, one.email, None)
    assert refused.value.problem is Problem.USER_AMBIGUOUS


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"email": "no address"}, Problem.EMAIL_INVALID),
        ({"email": "Ada <ada@acme.example>"}, Problem.EMAIL_INVALID),
        ({"email": "ada@acme.example,eve@acme.example"}, Problem.EMAIL_INVALID),
        ({"name": " "}, Problem.NAME_INVALID),
        ({"roles": ("emperor",)}, Problem.ROLE_UNKNOWN),
        ({"organisation": "c" * 24}, Problem.ORGANISATION_UNKNOWN),
    ],
)
async def test_one_fault_refuses_a_user(
    acme: Platform, changes: dict[str, object], problem: Problem
) -> None:
    with pytest.raises(ProblemError) as refused:
        await acme.add_user(**changes)  # type: ignore[arg-type]
    assert refused.value.problem is problem
    assert await users.list_users(acme.database, ACME) == []


async def test_every_change_of_roles_raises_the_revision_once(acme: Platform) -> None:
    user = await acme.add_user(roles=("liveAgentAgent",))
    async with acme.database.transaction() as tx:
        assert await users.add_role(tx, user.id, "liveAgentSupervisor", acme.now)
        assert not await users.add_role(tx, user.id, "liveAgentSupervisor", acme.now)
        assert await users.remove_role(tx, user.id, "liveAgentAgent", acme.now)
        assert not await users.remove_role(tx, user.id, "liveAgentAgent", acme.now)
        assert await users.set_roles(tx, user.id, ("odata", "apiKeys"), acme.now)
        assert not await users.set_roles(tx, user.id, ("apiKeys", "odata"), acme.now)
        changed = await users.get(tx, user.id)
    assert changed.roles == ("apiKeys", "base_role", "odata")
    assert changed.access_revision == user.access_revision + 3


async def test_an_unknown_role_changes_nothing(acme: Platform) -> None:
    user = await acme.add_user()
    with pytest.raises(ProblemError) as refused:
        async with acme.database.transaction() as tx:
            await users.set_roles(tx, user.id, ("emperor",), acme.now)
    assert refused.value.problem is Problem.ROLE_UNKNOWN
    assert await users.get(acme.database, user.id) == user


async def test_disabling_ends_access_and_enabling_does_not_bring_it_back(acme: Platform) -> None:
    """Lessons 35, 42: what was ended stays ended."""
    user = await acme.add_user()
    async with acme.database.transaction() as tx:
        secret, _ = await sessions.start(tx, user.id, "pwd", DAY, "", acme.now)
        assert await users.disable(tx, user.id, acme.now)
        assert not await users.disable(tx, user.id, acme.now)
    assert await sessions.find(acme.database, secret, acme.now) is None
    async with acme.database.transaction() as tx:
        assert await users.enable(tx, user.id, acme.now)
        assert not await users.enable(tx, user.id, acme.now)
    assert await sessions.find(acme.database, secret, acme.now) is None
    assert (await users.get(acme.database, user.id)).access_revision == 3


async def test_a_new_password_ends_all_sessions_but_the_one_that_is_kept(acme: Platform) -> None:
    user = await acme.add_user()
    async with acme.database.transaction() as tx:
        kept, kept_id = await sessions.start(tx, user.id, "pwd", DAY, "", acme.now)
        other, _ = await sessions.start(tx, user.id, "pwd", DAY, "", acme.now)
        link = await links.new(tx, user.id, acme.now)
        await users.set_password(
            tx, user.id, await digest_of("another long password"), acme.now, kept_id
        )
    assert await sessions.find(acme.database, kept, acme.now) is not None
    assert await sessions.find(acme.database, other, acme.now) is None
    assert await links.find_owner(acme.database, fingerprint(link), acme.now) is None


async def test_a_password_link_works_once(acme: Platform) -> None:
    user = await acme.add_user()
    async with acme.database.transaction() as tx:
        link = fingerprint(await links.new(tx, user.id, acme.now))
        assert await links.find_owner(tx, link, acme.now) == user
        assert await links.claim(tx, link, acme.now) == user
        assert await links.claim(tx, link, acme.now) is None
        assert await links.find_owner(tx, link, acme.now) is None


async def test_a_password_link_lives_a_day(acme: Platform) -> None:
    user = await acme.add_user()
    async with acme.database.transaction() as tx:
        link = fingerprint(await links.new(tx, user.id, acme.now))
    acme.clock.advance(DAY - 1)
    assert await links.find_owner(acme.database, link, acme.now) is not None
    acme.clock.advance(1)
    assert await links.find_owner(acme.database, link, acme.now) is None
    async with acme.database.transaction() as tx:
        assert await links.claim(tx, link, acme.now) is None
    assert await links.prune(acme.database, acme.now) == 1


async def test_a_new_password_link_voids_the_one_before(acme: Platform) -> None:
    user = await acme.add_user()
    async with acme.database.transaction() as tx:
        first = fingerprint(await links.new(tx, user.id, acme.now))
        await links.new(tx, user.id, acme.now)
        assert await links.claim(tx, first, acme.now) is None


async def test_a_password_link_of_a_disabled_user_does_nothing(acme: Platform) -> None:
    user = await acme.add_user()
    async with acme.database.transaction() as tx:
        link = fingerprint(await links.new(tx, user.id, acme.now))
        await users.disable(tx, user.id, acme.now)
        assert await links.find_owner(tx, link, acme.now) is None
        assert await links.claim(tx, link, acme.now) is None


async def test_a_change_says_whether_it_was_one(acme: Platform) -> None:
    user = await acme.add_user()
    same = {"name": user.name, "locale": "en", "now": acme.now}
    async with acme.database.transaction() as tx:
        assert not await users.change(tx, user.id, **same)  # type: ignore[arg-type]
        assert await users.change(tx, user.id, **same | {"locale": "de"})  # type: ignore[arg-type]
        with pytest.raises(ProblemError):
            await users.change(tx, user.id, **same | {"name": ""})  # type: ignore[arg-type]
    assert (await users.get(acme.database, user.id)).locale == "de"


async def test_nobody_is_a_refusal(acme: Platform) -> None:
    assert await users.find(acme.database, "f" * 24) is None
    for lookup in (
        users.get(acme.database, "f" * 24),
        users.get_by_email(acme.database, "nobody@acme.example", None),
    ):
        with pytest.raises(ProblemError) as refused:
            await lookup
        assert refused.value.problem is Problem.USER_UNKNOWN


async def test_without_a_password_there_is_no_digest(acme: Platform) -> None:
    """Lesson 74: no fixed, shared or guessable password, none at all."""
    user = await acme.add_user(password=None)
    assert await users.find_digest(acme.database, user.id) is None
