"""Saving and enforcing a password policy: who is signed out, and who has to choose anew."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text

from cognigy_ai.audit import actions as audit
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users import links, listing, logins, passwords, security
from cognigy_ai.users.policy import DEFAULT, PasswordPolicy
from cognigy_ai.users.rules import User
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from support.platform import ACME, OUTBOX, PASSWORD, Platform, digest_of

GLOBEX = "b" * 24
STRICT = PasswordPolicy(min_length=16, min_amount_numbers=1)


@pytest.fixture
async def ada(acme: Platform) -> User:
    await acme.add_organisation(GLOBEX, "Globex")
    return await acme.add_user()


async def sign_in(platform: Platform, user: User, amr: str = "pwd") -> str:
    async with platform.database.transaction() as tx:
        return (await sessions.start(tx, user.id, amr, 3600, "", platform.now))[0]


async def enforce(platform: Platform) -> None:
    async with platform.database.transaction() as tx:
        await security.enforce_policy(tx, ACME, STRICT, platform.now)


async def must_change(platform: Platform) -> dict[str, int]:
    rows = await platform.database.all(text("SELECT id, must_change_password FROM users"))
    return {row["id"]: row["must_change_password"] for row in rows}


async def test_a_saved_policy_holds_for_its_organisation_only(acme: Platform, ada: User) -> None:
    async with acme.database.transaction() as tx:
        assert await security.save_policy(tx, ACME, STRICT, acme.now)
        assert not await security.save_policy(tx, ACME, STRICT, acme.now)
    assert await passwords.policy_of(acme.database, ACME) == STRICT
    assert await passwords.policy_of(acme.database, GLOBEX) == DEFAULT
    assert await must_change(acme) == {ada.id: 0}


async def test_the_default_is_not_stored(acme: Platform, ada: User) -> None:
    """An organisation that never chose gets the recommendation of the day."""
    async with acme.database.transaction() as tx:
        await security.save_policy(tx, ada.organisation_id, STRICT, acme.now)
        await security.save_policy(tx, ada.organisation_id, DEFAULT, acme.now)
    assert (await organisations.get(acme.database, ACME)).policy_json is None


async def test_enforcing_signs_everybody_out_and_asks_for_a_new_password(
    acme: Platform, ada: User
) -> None:
    nobody_yet = await acme.add_user("new@acme.example", password=None)
    elsewhere = await acme.add_user("x@globex.example", organisation=GLOBEX)
    here, there = await sign_in(acme, ada), await sign_in(acme, elsewhere)
    await enforce(acme)
    assert await passwords.policy_of(acme.database, ACME) == STRICT
    assert await sessions.find(acme.database, here, acme.now) is None
    assert await sessions.find(acme.database, there, acme.now) is not None
    asked = await must_change(acme)
    assert asked == {ada.id: 1, nobody_yet.id: 0, elsewhere.id: 0}
    after = await users.get(acme.database, ada.id)
    assert after.access_revision == ada.access_revision + 1
    assert await users.get(acme.database, elsewhere.id) == elsewhere


async def test_a_new_password_is_what_was_asked_for(acme: Platform, ada: User) -> None:
    await enforce(acme)
    async with acme.database.transaction() as tx:
        secret = await links.new(tx, ada.id, acme.now)
    digest = await digest_of("another long password 1")
    async with acme.database.transaction() as tx:
        assert await links.redeem(tx, OUTBOX, fingerprint(secret), digest, acme.now) is not None
    assert await must_change(acme) == {ada.id: 0}


async def test_links_that_were_mailed_before_stay_valid(acme: Platform, ada: User) -> None:
    async with acme.database.transaction() as tx:
        link = fingerprint(await links.new(tx, ada.id, acme.now))
    await enforce(acme)
    assert await links.find_owner(acme.database, link, acme.now) is not None


async def test_enforcing_is_audited_without_names(acme: Platform, ada: User) -> None:
    await enforce(acme)
    rows = await acme.database.all(
        text("SELECT * FROM audit_events WHERE event LIKE 'organisation.policy_e%'")
    )
    assert [row["event"] for row in rows] == ["organisation.policy_enforced"]
    assert rows[0]["organisation_id"] == ACME
    assert ada.email not in str(dict(rows[0]))


class Interrupted(Exception):  # noqa: N818 - what happened
    """The process ends in the middle of it."""


async def test_a_failed_enforcement_changes_nothing(acme: Platform, ada: User) -> None:
    cookie = await sign_in(acme, ada)
    with suppress(Interrupted):
        async with acme.database.transaction() as tx:
            await security.enforce_policy(tx, ACME, STRICT, acme.now)
            raise Interrupted
    assert await passwords.policy_of(acme.database, ACME) == DEFAULT
    assert await sessions.find(acme.database, cookie, acme.now) is not None
    assert await must_change(acme) == {ada.id: 0}


async def changed(platform: Platform, user: User) -> tuple[int | None, str | None]:
    person = await listing.get_person(platform.database, user.organisation_id, user.id)
    return person.changed_at, person.changed_by


async def test_who_set_or_enforced_a_password_is_who_changed_the_person(
    acme: Platform, ada: User
) -> None:
    root = audit.Actor(audit.USER, "c" * 24)
    digest = await digest_of("another long password 1")
    assert await changed(acme, ada) == (None, None)
    acme.clock.advance(60)
    with audit.acting(root):
        await enforce(acme)
    assert await changed(acme, ada) == (acme.now, root.id)
    acme.clock.advance(60)
    async with acme.database.transaction() as tx:
        link = fingerprint(await links.new(tx, ada.id, acme.now))
        await links.redeem(tx, OUTBOX, link, digest, acme.now)
    assert await changed(acme, ada) == (acme.now, ada.id)
    acme.clock.advance(60)
    with audit.acting(root):
        async with acme.database.transaction() as tx:
            await users.set_password(tx, ada.id, digest, acme.now)
    assert await changed(acme, ada) == (acme.now, root.id)


async def require_two_step(platform: Platform, *, required: bool = True) -> bool:
    async with platform.database.transaction() as tx:
        return await security.set_two_step_required(tx, ACME, required=required, now=platform.now)


async def test_requiring_a_second_factor_ends_what_was_begun_without_one(
    acme: Platform, ada: User
) -> None:
    elsewhere = await acme.add_user("x@globex.example", organisation=GLOBEX)
    one, there = await sign_in(acme, ada), await sign_in(acme, elsewhere)
    two = [await sign_in(acme, ada, amr) for amr in ("pwd otp mfa", "pwd mfa")]
    assert await require_two_step(acme)
    assert await sessions.find(acme.database, one, acme.now) is None
    for secret in (*two, there):
        assert await sessions.find(acme.database, secret, acme.now) is not None
    again = await sign_in(acme, ada)
    assert not await require_two_step(acme)  # it was so
    assert await require_two_step(acme, required=False)
    assert await sessions.find(acme.database, again, acme.now) is not None


GRANT = text(
    "INSERT INTO grants (id, client_id, user_id, session_id, scope, amr, access_fingerprint,"
    " access_scope, access_issued_at, access_expires_at, created_at, expires_at)"
    " VALUES (:id, 'an-app', :user, :session, 'openid', :amr, :id, 'openid', 1, 9, 1, 9)"
)


async def test_what_was_granted_without_a_second_factor_is_revoked_with_it(
    acme: Platform, ada: User
) -> None:
    for name, amr in (("of-one", "pwd"), ("of-two", "pwd otp mfa"), ("of-none", None)):
        values = {"id": name, "user": ada.id, "session": f"session-{name}", "amr": amr}
        await acme.database.one(GRANT, **values)
    await require_two_step(acme)
    rows = await acme.database.all(text("SELECT id, revoked_at, revoked_because FROM grants"))
    revoked = {row["id"]: row["revoked_because"] for row in rows if row["revoked_at"] is not None}
    assert revoked == {"of-one": "two_step_required", "of-none": "two_step_required"}


async def test_a_login_under_way_does_not_slip_through(acme: Platform, ada: User) -> None:
    """Its last look at the requirement is in the statement before its session."""
    async with acme.database.transaction() as tx:
        assert await logins.note_login(tx, ada.id, acme.now, with_second_factor=False)
    await require_two_step(acme)
    async with acme.database.transaction() as tx:
        assert not await logins.note_login(tx, ada.id, acme.now, with_second_factor=False)
        assert await logins.note_login(tx, ada.id, acme.now, with_second_factor=True)


async def test_of_simultaneous_logins_none_stays_without_a_second_factor(
    acme: Platform, ada: User
) -> None:
    attempt = sessions.LoginAttempt(ada.email, PASSWORD, client_address="192.0.2.7")

    async def log_in() -> object:
        try:
            return await sessions.login(acme.means, attempt, acme.now, acme.clock.monotonic())
        except ProblemError as error:
            return error

    await asyncio.gather(*(log_in() for _ in range(4)), require_two_step(acme))
    assert await sessions.count_of_user(acme.database, ada.id, acme.now) == 0


async def test_people_with_a_password_are_counted_up_to_a_bound(acme: Platform, ada: User) -> None:
    await acme.add_user("b@acme.example")
    await acme.add_user("c@acme.example", password=None)
    assert await security.count_passwords(acme.database, ada.organisation_id, 10) == 2
    assert await security.count_passwords(acme.database, ada.organisation_id, 1) == 1
    assert await security.count_passwords(acme.database, GLOBEX, 10) == 0


async def test_enforcing_and_changing_passwords_at_once_never_waits_crosswise(
    acme: Platform, ada: User
) -> None:
    digest = await digest_of("another long password 1")

    async def change() -> None:
        async with acme.database.transaction() as tx:
            await users.set_password(tx, ada.id, digest, acme.now)

    for _ in range(5):
        await asyncio.gather(enforce(acme), change(), enforce(acme), change())
    assert await passwords.policy_of(acme.database, ACME) == STRICT
