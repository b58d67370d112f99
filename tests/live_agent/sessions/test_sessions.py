"""Sessions: begun at a login, found while they live, never another person's."""

import pytest

from live_agent.sessions import actions as sessions
from live_agent.sessions.rules import PRESENT_SECONDS, presence_shown
from support.office import Office

TWO_WEEKS = 1_209_600


async def test_a_session_ends_when_its_time_is_over(office: Office):
    """Lesson 37: an expired session is never returned."""
    entered = await office.enter()
    office.clock.advance(TWO_WEEKS - 1)
    assert await office.session(entered.session_secret) is not None
    office.clock.advance(1)
    assert await office.session(entered.session_secret) is None


async def test_an_ended_session_is_gone(office: Office):
    entered = await office.enter()
    async with office.database.transaction() as tx:
        ended = await sessions.end(
            tx, office.state.keyring, entered.session_secret, "logout", office.now
        )
    assert ended is not None
    assert ended.id_token == "an.id.token"
    assert await office.session(entered.session_secret) is None
    async with office.database.transaction() as tx:
        again = await sessions.end(
            tx, office.state.keyring, entered.session_secret, "logout", office.now
        )
    assert again is None


async def test_a_disabled_users_session_is_nothing(office: Office):
    entered = await office.enter()
    await office.set_user(entered.user_id, disabled_at=office.now)
    assert await office.session(entered.session_secret) is None


async def test_a_user_without_a_role_has_no_session(office: Office):
    """Lesson 25: the role rule holds for running sessions too."""
    entered = await office.enter()
    await office.set_user(entered.user_id, roles="")
    assert await office.session(entered.session_secret) is None


@pytest.mark.parametrize("secret", [None, "", "ls_" + "A" * 43])
async def test_what_is_no_secret_is_no_session(office: Office, secret: str | None):
    await office.enter()
    assert await sessions.find(office.database, secret, office.now) is None


async def test_roles_are_those_of_this_moment(office: Office):
    entered = await office.enter(roles=("agent",))
    await office.enter(roles=("administrator",), access_revision=2)
    session = await office.session(entered.session_secret)
    assert session is not None
    assert session.roles == ("administrator",)


async def test_presence_is_written_at_most_once_a_minute(office: Office):
    browser = await office.signed_in_browser()
    office.clock.advance(61)
    before = office.database.statements
    await browser.get(office.dashboard)
    first = office.database.statements - before
    office.clock.advance(30)
    before = office.database.statements
    await browser.get(office.dashboard)
    assert office.database.statements - before == first - 1
    (row,) = await office.rows("sessions")
    assert row["seen_at"] == office.now - 30


async def test_an_authenticated_request_costs_one_statement(office: Office):
    browser = await office.signed_in_browser(roles=("administrator",))
    before = office.database.statements
    # leads on to the first page of the settings, by session and rights alone
    assert (await browser.get(f"/app/accounts/{office.account.id}/settings")).status_code == 303
    assert office.database.statements - before == 1


async def test_long_gone_sessions_are_removed(office: Office):
    await office.enter()
    office.clock.advance(TWO_WEEKS)
    assert await sessions.prune(office.database, office.now) == 0
    office.clock.advance(31 * 24 * 3600)
    assert await sessions.prune(office.database, office.now) == 1


def test_who_has_no_live_session_is_shown_offline():
    now = 1_000_000
    assert presence_shown("busy", now, now) == "busy"
    assert presence_shown("busy", now - PRESENT_SECONDS, now) == "offline"
    assert presence_shown("online", None, now) == "offline"
