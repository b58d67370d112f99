"""Links that set a password once: what they prove, how long they live, what makes them void."""

import asyncio

import pytest
from sqlalchemy import text

from cognigy_ai import letters
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.users import actions as users
from cognigy_ai.users import links
from cognigy_ai.users.rules import User
from kernel.opaque import fingerprint
from support.mailbox import last_letter, letters_of
from support.platform import OUTBOX, PASSWORD, Platform, digest_of

NEW = "a brand new long password"
GLOBEX = "b" * 24
DAY = 24 * 3600
NOT_COMPARED = "$argon2id$nobody-has-it"


@pytest.fixture
async def ada(acme: Platform) -> User:
    await acme.add_user("admin@acme.example", roles=("admin",))
    return await acme.add_user(email_verified=False)


async def invited(platform: Platform, user: User) -> str:
    async with platform.database.transaction() as tx:
        await links.invite(tx, OUTBOX, user.id, "Grace Hopper", platform.now)
    return str((await last_letter(platform, letters.INVITATION))["secret"])


async def reset(platform: Platform, *found: User) -> list[str]:
    async with platform.database.transaction() as tx:
        await links.send_resets(tx, OUTBOX, found, platform.now)
    letter = await last_letter(platform, letters.RESET)
    return [each["secret"] for each in letter["links"]]


async def handed_over(platform: Platform, user: User) -> str:
    async with platform.database.transaction() as tx:
        return await links.new(tx, user.id, platform.now)


async def redeem(platform: Platform, secret: str, password: str = NEW) -> User | None:
    digest = await digest_of(password)
    async with platform.database.transaction() as tx:
        return await links.redeem(tx, OUTBOX, fingerprint(secret), digest, platform.now)


async def kinds(platform: Platform) -> list[str]:
    return sorted(kind for kind, _ in await letters_of(platform))


async def audited(platform: Platform, event: str) -> int:
    rows = await platform.database.all(text("SELECT event FROM audit_events"))
    return [row["event"] for row in rows].count(event)


async def test_an_invitation_sets_the_first_password_and_proves_the_address(
    acme: Platform,
) -> None:
    nora = await acme.add_user("Nora@acme.example", password=None, email_verified=False)
    secret = await invited(acme, nora)
    letter = await last_letter(acme, letters.INVITATION)
    assert letter["to"] == "Nora@acme.example"
    assert (letter["organisation"], letter["invited_by"]) == ("Acme", "Grace Hopper")
    assert await redeem(acme, secret) == nora
    assert (await users.get(acme.database, nora.id)).email_verified
    assert await audited(acme, "user.email_verified") == 1
    # she set it herself, for the first time: no word of a change
    assert await kinds(acme) == [letters.INVITATION]


async def test_a_mailed_reset_proves_the_address_and_tells_of_the_change(
    acme: Platform, ada: User
) -> None:
    (secret,) = await reset(acme, ada)
    assert await redeem(acme, secret) is not None
    assert (await users.get(acme.database, ada.id)).email_verified
    assert await kinds(acme) == [letters.PASSWORD_CHANGED, letters.RESET]


async def test_a_link_that_was_handed_over_proves_nothing(acme: Platform, ada: User) -> None:
    """DESIGN section 3 rule 4: the operator saw it, nobody read mail there."""
    assert await redeem(acme, await handed_over(acme, ada)) is not None
    assert not (await users.get(acme.database, ada.id)).email_verified
    assert await kinds(acme) == [letters.PASSWORD_CHANGED]


async def test_an_invitation_of_somebody_with_a_password_tells_of_the_change(
    acme: Platform, ada: User
) -> None:
    await redeem(acme, await invited(acme, ada))
    assert letters.PASSWORD_CHANGED in await kinds(acme)


@pytest.mark.parametrize(
    ("purpose", "seconds"), [("invited", 7 * DAY), ("reset", 1800), ("handed_over", DAY)]
)
async def test_each_kind_of_link_has_its_lifetime(
    acme: Platform, ada: User, purpose: str, seconds: int
) -> None:
    made = {"invited": invited, "reset": reset, "handed_over": handed_over}[purpose]
    secret = await made(acme, ada)
    link = fingerprint(secret if isinstance(secret, str) else secret[0])
    acme.clock.advance(seconds - 1)
    assert await links.find_owner(acme.database, link, acme.now) is not None
    acme.clock.advance(1)
    assert await links.find_owner(acme.database, link, acme.now) is None
    if purpose == "reset":  # what became of its mail can be asked for a week
        assert await links.prune(acme.database, acme.now) == 0
        acme.clock.advance(7 * DAY - seconds)
    assert await links.prune(acme.database, acme.now) == 1


async def set_password(platform: Platform, user: User) -> None:
    async with platform.database.transaction() as tx:
        await users.set_password(tx, user.id, NOT_COMPARED, platform.now)


async def change_address(platform: Platform, user: User) -> None:
    async with platform.database.transaction() as tx:
        await users.set_address(tx, user.id, "ada@new.example", platform.now, verified=False)


async def disable_and_enable(platform: Platform, user: User) -> None:
    async with platform.database.transaction() as tx:
        await users.disable(tx, user.id, platform.now)
        await users.enable(tx, user.id, platform.now)


async def suspend(platform: Platform, user: User) -> None:
    async with platform.database.transaction() as tx:
        await organisations.suspend(tx, OUTBOX, user.organisation_id, platform.now)


async def another_link(platform: Platform, user: User) -> None:
    await handed_over(platform, user)


async def another_mail(platform: Platform, user: User) -> None:
    await reset(platform, user)


VOIDED = {
    "a new password": set_password,
    "a new address": change_address,
    "disabled, even if enabled again": disable_and_enable,
    "suspended organisation": suspend,
    "a newer link": another_link,
    "a newer mail": another_mail,
}


@pytest.mark.parametrize("case", VOIDED)
async def test_a_mailed_link_is_void_after(acme: Platform, ada: User, case: str) -> None:
    (secret,) = await reset(acme, ada)
    digest = await users.find_digest(acme.database, ada.id)
    await VOIDED[case](acme, ada)
    if case != "a new password":
        assert await users.find_digest(acme.database, ada.id) == digest
    assert await links.find_owner(acme.database, fingerprint(secret), acme.now) is None
    assert await redeem(acme, secret) is None


async def test_a_link_is_void_whichever_way_the_address_changed(acme: Platform, ada: User) -> None:
    (secret,) = await reset(acme, ada)
    await acme.database.one(text("UPDATE users SET email_key = 'somebody@else.example'"
                                 " WHERE email_key = 'ada@acme.example'"))  # fmt: skip
    assert await redeem(acme, secret) is None


async def test_one_mail_holds_a_link_for_each_organisation(acme: Platform, ada: User) -> None:
    await acme.add_organisation(GLOBEX, "Globex")
    there = await acme.add_user(organisation=GLOBEX)
    here_secret, there_secret = await reset(acme, there, ada)
    letter = await last_letter(acme, letters.RESET)
    assert [each["organisation"] for each in letter["links"]] == ["Acme", "Globex"]
    assert await redeem(acme, there_secret) is not None
    # the password of the one organisation is not that of the other
    digest = await users.find_digest(acme.database, ada.id)
    assert await acme.means.passwords.matches(PASSWORD, digest)
    assert await redeem(acme, here_secret) is not None


async def test_nothing_is_mailed_for_whoever_may_not_log_in(acme: Platform, ada: User) -> None:
    async with acme.database.transaction() as tx:
        await users.disable(tx, ada.id, acme.now)
        await links.send_reset(tx, OUTBOX, ada, acme.now)
    assert await kinds(acme) == []


async def test_nothing_is_mailed_to_an_address_that_is_not_theirs_any_more(
    acme: Platform, ada: User
) -> None:
    await change_address(acme, ada)
    async with acme.database.transaction() as tx:
        await links.send_reset(tx, OUTBOX, ada, acme.now)
    assert await kinds(acme) == []


async def test_of_simultaneous_uses_of_one_link_exactly_one_succeeds(
    acme: Platform, ada: User
) -> None:
    (secret,) = await reset(acme, ada)
    await digest_of(NEW)
    outcomes = await asyncio.gather(*(redeem(acme, secret) for _ in range(6)))
    assert [outcome is not None for outcome in outcomes].count(True) == 1
    assert await audited(acme, "user.password_changed") == 1


async def test_two_links_never_live_together(acme: Platform, ada: User) -> None:
    """Also when they are asked for at the same moment."""
    await asyncio.gather(*(handed_over(acme, ada) for _ in range(6)))
    row = await acme.database.one(
        text("SELECT count(*) AS alive FROM password_links WHERE used_at IS NULL")
    )
    assert row is not None
    assert row["alive"] == 1


async def test_making_and_using_a_link_at_once_never_waits_crosswise(
    acme: Platform, ada: User
) -> None:
    await digest_of(NEW)
    for _ in range(4):
        secret = await handed_over(acme, ada)
        await asyncio.gather(
            *(handed_over(acme, ada) for _ in range(2)),
            *(redeem(acme, secret) for _ in range(2)),
        )
    assert (await users.get(acme.database, ada.id)).may_log_in


async def test_each_kind_of_link_is_audited(acme: Platform, ada: User) -> None:
    await invited(acme, ada)
    await reset(acme, ada)
    await handed_over(acme, ada)
    for event in ("user.invited", "user.reset_asked", "user.password_link_made"):
        assert await audited(acme, event) == 1


async def test_the_database_holds_no_link(acme: Platform, ada: User) -> None:
    (secret,) = await reset(acme, ada)
    for table in ("password_links", "outbox", "audit_events"):
        for row in await acme.database.all(text(f"SELECT * FROM {table}")):
            assert secret not in str(dict(row))
