"""Sessions: found by their secret alone, ended for good."""

import json

import pytest
from sqlalchemy import bindparam, insert, select

from cognigy_ai.db.tables import audit_events, grants
from cognigy_ai.sessions import actions as sessions
from kernel.opaque import new_id
from support.platform import Platform

DAY = 24 * 3600
ADD_GRANT = insert(grants)
GRANT = select(grants.c.revoked_at, grants.c.revoked_because).where(
    grants.c.id == bindparam("grant")
)
EVENTS = select(audit_events).order_by(audit_events.c.event)


async def start(platform: Platform, user_id: str) -> tuple[str, str]:
    async with platform.database.transaction() as tx:
        return await sessions.start(tx, user_id, "pwd", DAY, "A browser", platform.now)


async def grant(platform: Platform, user_id: str, session_id: str) -> str:
    grant_id = new_id()
    values = dict.fromkeys(column.name for column in grants.columns)
    values |= {
        "id": grant_id,
        "client_id": "an-app",
        "user_id": user_id,
        "session_id": session_id,
        "scope": "openid",
        "access_scope": "openid",
        "access_fingerprint": new_id(),
        "access_issued_at": platform.now,
        "access_expires_at": platform.now + 900,
        "created_at": platform.now,
        "expires_at": platform.now + DAY,
    }
    await platform.database.one(ADD_GRANT, **values)
    return grant_id


async def revoked(platform: Platform, grant_id: str) -> str | None:
    row = await platform.database.one(GRANT, grant=grant_id)
    assert row is not None
    assert (row["revoked_at"] is None) == (row["revoked_because"] is None)
    return row["revoked_because"]


async def test_a_session_is_found_in_one_statement(acme: Platform) -> None:
    user = await acme.add_user()
    secret, session_id = await start(acme, user.id)
    before = acme.database.statements
    found = await sessions.find(acme.database, secret, acme.now)
    assert acme.database.statements - before == 1
    assert found is not None
    assert (found.id, found.user, found.expires_at) == (session_id, user, acme.now + DAY)


@pytest.mark.parametrize("secret", [None, "", "x" * 300])
async def test_without_a_secret_the_database_is_not_asked(
    acme: Platform, secret: str | None
) -> None:
    before = acme.database.statements
    assert await sessions.find(acme.database, secret, acme.now) is None
    assert acme.database.statements == before


async def test_neither_id_nor_fingerprint_of_a_session_opens_it(acme: Platform) -> None:
    user = await acme.add_user()
    secret, session_id = await start(acme, user.id)
    for guess in (session_id, secret.upper(), secret[:-1], secret + "a"):
        assert await sessions.find(acme.database, guess, acme.now) is None


async def test_a_session_is_found_by_the_sid_of_an_id_token(acme: Platform) -> None:
    user = await acme.add_user()
    secret, session_id = await start(acme, user.id)
    found = await sessions.find_by_id(acme.database, session_id, acme.now)
    assert found == await sessions.find(acme.database, secret, acme.now)
    assert await sessions.find_by_id(acme.database, "another", acme.now) is None


@pytest.mark.parametrize("because", ["logout", "revoked"])
async def test_logout_takes_back_what_was_granted_in_the_session(
    acme: Platform, because: str
) -> None:
    """Lesson 34: on each database, and with what the session gave away."""
    user = await acme.add_user()
    (secret, one), (_, other) = await start(acme, user.id), await start(acme, user.id)
    granted_here = await grant(acme, user.id, one)
    granted_there = await grant(acme, user.id, other)
    async with acme.database.transaction() as tx:
        await sessions.end(tx, one, acme.now, because)
    assert await sessions.find(acme.database, secret, acme.now) is None
    assert await revoked(acme, granted_here) == because
    assert await revoked(acme, granted_there) is None


async def test_a_grant_outlives_a_session_that_another_login_replaced(acme: Platform) -> None:
    user = await acme.add_user()
    _, session_id = await start(acme, user.id)
    granted = await grant(acme, user.id, session_id)
    async with acme.database.transaction() as tx:
        await sessions.end(tx, session_id, acme.now, "replaced")
    assert await revoked(acme, granted) is None


async def test_a_session_that_ended_already_still_loses_its_grants_at_logout(
    acme: Platform,
) -> None:
    user = await acme.add_user()
    _, session_id = await start(acme, user.id)
    granted = await grant(acme, user.id, session_id)
    async with acme.database.transaction() as tx:
        await sessions.end(tx, session_id, acme.now, "replaced")
        await sessions.end(tx, session_id, acme.now + 5, "logout")
    assert await revoked(acme, granted) == "logout"


async def test_ending_the_others_keeps_this_one_and_its_grants(acme: Platform) -> None:
    user = await acme.add_user()
    (kept, kept_id), (other, other_id) = await start(acme, user.id), await start(acme, user.id)
    kept_grant = await grant(acme, user.id, kept_id)
    other_grant = await grant(acme, user.id, other_id)
    assert await sessions.count_of_user(acme.database, user.id, acme.now) == 2
    async with acme.database.transaction() as tx:
        await sessions.end_others(tx, user.id, kept_id, acme.now)
    assert await sessions.find(acme.database, kept, acme.now) is not None
    assert await sessions.find(acme.database, other, acme.now) is None
    assert await revoked(acme, kept_grant) is None
    assert await revoked(acme, other_grant) == "revoked"


async def test_old_sessions_are_removed_a_month_after_their_end(acme: Platform) -> None:
    user = await acme.add_user()
    await start(acme, user.id)
    acme.clock.advance(DAY + 30 * DAY - 1)
    assert await sessions.prune(acme.database, acme.now) == 0
    acme.clock.advance(1)
    assert await sessions.prune(acme.database, acme.now) == 1


async def test_the_audit_trail_tells_it_without_a_name_or_a_secret(acme: Platform) -> None:
    user = await acme.add_user()
    secret, session_id = await start(acme, user.id)
    async with acme.database.transaction() as tx:
        await sessions.end(tx, session_id, acme.now, "logout")
    rows = await acme.database.all(EVENTS)
    assert [row["event"] for row in rows] == [
        "login.done",
        "organisation.created",
        "session.ended",
        "user.created",
    ]
    told = json.dumps([dict(row) for row in rows])
    for hidden in (secret, user.email, user.name):
        assert hidden not in told
