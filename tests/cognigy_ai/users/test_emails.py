"""A new address counts once somebody has read mail there; nobody takes another's."""

import asyncio

import pytest
from sqlalchemy import text

from cognigy_ai import letters
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users import emails, links
from cognigy_ai.users.rules import User
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from support.mailbox import last_letter, letters_of
from support.platform import OUTBOX, Platform, digest_of

NEW = "ada@new.example"
DAY = 24 * 3600


@pytest.fixture
async def ada(acme: Platform) -> User:
    await acme.add_user("admin@acme.example", roles=("admin",))
    return await acme.add_user(email_verified=False)


async def asked(platform: Platform, user: User, email: str = NEW) -> str:
    platform.clock.advance(1)  # so that the youngest letter is known
    async with platform.database.transaction() as tx:
        await emails.ask(tx, OUTBOX, user.id, email, platform.now)
    return str((await last_letter(platform, letters.EMAIL_CHANGE))["secret"])


async def apply(platform: Platform, secret: str) -> object:
    """The user, None for a link that cannot be used, or the problem."""
    try:
        async with platform.database.transaction() as tx:
            return await emails.apply(tx, OUTBOX, fingerprint(secret), platform.now)
    except ProblemError as error:
        return error.problem


async def test_the_address_counts_after_the_link_and_not_before(acme: Platform, ada: User) -> None:
    secret = await asked(acme, ada)
    assert await users.get(acme.database, ada.id) == ada
    pending = await emails.find_pending(acme.database, ada.id, acme.now)
    assert pending is not None
    assert (pending.email, pending.expires_at) == (NEW, acme.now + DAY)
    assert await apply(acme, secret) == ada
    after = await users.get(acme.database, ada.id)
    assert (after.email, after.email_verified) == (NEW, True)
    assert after.access_revision == ada.access_revision + 1
    assert [one.user for one in await users.find_by_email(acme.database, NEW, None)] == [after]
    assert await users.find_by_email(acme.database, ada.email, None) == []
    assert await emails.find_pending(acme.database, ada.id, acme.now) is None


async def test_the_new_address_gets_the_link_and_the_old_one_is_told_twice(
    acme: Platform, ada: User
) -> None:
    secret = await asked(acme, ada)
    told = await last_letter(acme, letters.EMAIL_CHANGED)
    assert "secret" not in told
    assert told["new_email"] == NEW
    acme.clock.advance(1)
    await apply(acme, secret)
    mails = [(kind, letter["to"], letter.get("done")) for kind, letter in await letters_of(acme)]
    assert sorted(mails, key=str) == [
        (letters.EMAIL_CHANGE, NEW, None),
        (letters.EMAIL_CHANGED, ada.email, False),
        (letters.EMAIL_CHANGED, ada.email, True),
    ]


async def test_the_search_finds_the_person_by_the_new_address(acme: Platform, ada: User) -> None:
    await apply(acme, await asked(acme, ada))
    rows = await acme.database.all(text(f"SELECT word FROM user_words WHERE user_id = '{ada.id}'"))
    words = {row["word"] for row in rows}
    assert {"ada@new.example", "new", "lovelace"} <= words
    assert "ada@acme.example" not in words


async def test_sessions_go_on_and_links_of_the_old_address_are_void(
    acme: Platform, ada: User
) -> None:
    async with acme.database.transaction() as tx:
        session, _ = await sessions.start(tx, ada.id, "pwd", 3600, "", acme.now)
        link = fingerprint(await links.new(tx, ada.id, acme.now))
    await apply(acme, await asked(acme, ada))
    assert await sessions.find(acme.database, session, acme.now) is not None
    assert await links.find_owner(acme.database, link, acme.now) is None


async def test_the_link_works_once(acme: Platform, ada: User) -> None:
    secret = await asked(acme, ada)
    outcomes = await asyncio.gather(*(apply(acme, secret) for _ in range(5)))
    assert [outcome for outcome in outcomes if outcome is not None] == [ada]


async def test_the_link_is_too_old_after_a_day(acme: Platform, ada: User) -> None:
    secret = await asked(acme, ada)
    acme.clock.advance(DAY)
    assert await apply(acme, secret) is None
    assert await emails.find_pending(acme.database, ada.id, acme.now) is None
    assert await emails.prune(acme.database, acme.now) == 1


async def new_password(platform: Platform, user: User) -> None:
    digest = await digest_of("another long password")
    async with platform.database.transaction() as tx:
        await users.set_password(tx, user.id, digest, platform.now)


async def cancel(platform: Platform, user: User) -> None:
    async with platform.database.transaction() as tx:
        assert await emails.cancel(tx, user.id, platform.now)
        assert not await emails.cancel(tx, user.id, platform.now)


async def disable_and_enable(platform: Platform, user: User) -> None:
    async with platform.database.transaction() as tx:
        await users.disable(tx, user.id, platform.now)
        await users.enable(tx, user.id, platform.now)


async def ask_for_another(platform: Platform, user: User) -> None:
    await asked(platform, user, "third@new.example")


async def direct_change(platform: Platform, user: User) -> None:
    async with platform.database.transaction() as tx:
        await users.set_address(tx, user.id, "x@acme.example", platform.now, verified=False)


VOIDED = {
    "a new password: whoever asked knew the old one": new_password,
    "cancelled": cancel,
    "disabled": disable_and_enable,
    "a newer wish": ask_for_another,
    "another address by an administrator": direct_change,
}


@pytest.mark.parametrize("case", VOIDED)
async def test_the_link_is_void_after(acme: Platform, ada: User, case: str) -> None:
    secret = await asked(acme, ada)
    await VOIDED[case](acme, ada)
    assert await apply(acme, secret) is None
    assert (await users.get(acme.database, ada.id)).email != NEW


async def test_an_address_that_was_taken_meanwhile_is_refused(acme: Platform, ada: User) -> None:
    secret = await asked(acme, ada)
    eve = await acme.add_user("ADA@new.example")
    assert await apply(acme, secret) is Problem.EMAIL_TAKEN
    assert await users.get(acme.database, ada.id) == ada
    assert await users.get(acme.database, eve.id) == eve
    # the same link works when the other one has given it up
    async with acme.database.transaction() as tx:
        await users.set_address(tx, eve.id, "eve@acme.example", acme.now, verified=False)
    assert await apply(acme, secret) == ada


async def test_of_two_people_with_one_new_address_exactly_one_gets_it(
    acme: Platform, ada: User
) -> None:
    eve = await acme.add_user("eve@acme.example")
    secrets = [await asked(acme, ada), await asked(acme, eve)]
    outcomes = await asyncio.gather(*(apply(acme, secret) for secret in secrets))
    assert outcomes.count(Problem.EMAIL_TAKEN) == 1
    assert len(await users.find_by_email(acme.database, NEW, None)) == 1


async def test_another_organisation_may_have_the_address(acme: Platform, ada: User) -> None:
    await acme.add_organisation("b" * 24, "Globex")
    await acme.add_user(NEW, organisation="b" * 24)
    assert await apply(acme, await asked(acme, ada)) == ada


@pytest.mark.parametrize(
    ("email", "problem"),
    [
        ("", Problem.EMAIL_INVALID),
        ("nobody", Problem.EMAIL_INVALID),
        ("a@b.example\r\nBcc: c@d.example", Problem.EMAIL_INVALID),
        ("x" * 250 + "@acme.example", Problem.EMAIL_INVALID),
        ("ada@acme.example", Problem.EMAIL_UNCHANGED),
    ],
)
async def test_what_cannot_be_a_new_address_is_refused(
    acme: Platform, ada: User, email: str, problem: Problem
) -> None:
    with pytest.raises(ProblemError) as refused:
        async with acme.database.transaction() as tx:
            await emails.ask(tx, OUTBOX, ada.id, email, acme.now)
    assert refused.value.problem is problem
    assert await letters_of(acme) == []


async def test_other_letters_of_the_same_address_are_a_change(acme: Platform, ada: User) -> None:
    assert await apply(acme, await asked(acme, ada, "Ada@acme.example")) == ada
    assert (await users.get(acme.database, ada.id)).email == "Ada@acme.example"
