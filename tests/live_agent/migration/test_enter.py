"""Who a platform login is in its account: DESIGN section 3, rules 1 to 4."""

import json
from typing import Any

import pytest

from kernel.db import UniqueViolation
from live_agent.agents import actions as agents
from live_agent.migration.actions import Entered, LinkNeeded
from live_agent.problems import Problem
from support.office import ACME, ISSUER, OLD_PASSWORD, Office

OTHER_ORGANISATION = "bbbbbbbbbbbbbbbbbbbbbbbb"


async def conflict_kinds(office: Office) -> list[str]:
    return [row["kind"] for row in await office.rows("conflicts")]


# --- somebody new, somebody known ---------------------------------------------------------------


async def test_somebody_new_gets_a_user_without_any_password(office: Office):
    """Lesson 74: accounts made by single sign-on have no usable password at all."""
    entered = await office.enter()
    user = await office.user(entered.user_id)
    assert user["password_digest"] is None
    assert (user["issuer"], user["subject"], user["roles"]) == (ISSUER, "ada-1", "agent")
    assert not entered.moved
    for guess in ("", "None", OLD_PASSWORD):
        answer = await office.old_login(office.browser(), password=guess or " ")
        assert answer.status_code == 403


async def test_the_next_login_finds_the_same_user_and_refreshes_it(office: Office):
    first = await office.enter()
    again = await office.enter(
        email="countess@acme.example", name="Countess", locale="de", roles=("supervisor", "agent")
    )
    assert again.user_id == first.user_id
    user = await office.user(first.user_id)
    assert (user["email"], user["email_key"]) == ("countess@acme.example",) * 2
    assert (user["name"], user["locale"], user["roles"]) == ("Countess", "de", "agent supervisor")


async def test_an_organisation_without_an_account_is_not_found(office: Office):
    assert await office.refusal(organisation=OTHER_ORGANISATION) is Problem.ORGANISATION_NOT_FOUND
    assert await office.refusal(organisation=None) is Problem.ORGANISATION_NOT_FOUND
    assert await office.refusal(organisation="") is Problem.ORGANISATION_NOT_FOUND
    assert await office.users() == []


async def test_people_without_an_address_do_not_stand_in_each_others_way(office: Office):
    one = await office.enter(subject="one", email=None)
    two = await office.enter(subject="two", email="not an address")
    again = await office.enter(subject="one", email=None)
    assert one.user_id == again.user_id != two.user_id


async def test_texts_longer_than_their_column_are_cut_on_both_databases(office: Office):
    entered = await office.enter(name="N" * 5000, locale="x" * 100)
    assert len((await office.user(entered.user_id))["name"]) == 200


# --- identity is (issuer, subject) ----------------------------------------------------------------


@pytest.mark.parametrize("change", [{"subject": "ada-2"}, {"issuer": "https://other.example"}])
async def test_the_same_address_from_another_identity_is_nobody_known(
    office: Office, change: dict[str, str]
):
    """Lessons 1 and 14: an address from another subject or issuer opens no linked account."""
    first = await office.enter()
    assert await office.refusal(**change) is Problem.IDENTITY_CONFLICT
    assert [row["id"] for row in await office.users()] == [first.user_id]
    assert await conflict_kinds(office) == ["other_subject"]
    assert await office.session(first.session_secret) is not None


async def test_a_colleagues_address_gives_no_access_to_the_colleague(office: Office):
    """Lesson 2: the mutable `email` claim is never an identity key."""
    colleague = await office.enter(subject="bob", email="bob@acme.example")
    mallory = await office.enter(subject="mallory", email="mallory@acme.example")
    again = await office.enter(subject="mallory", email="BOB@acme.example")
    assert again.user_id == mallory.user_id != colleague.user_id
    assert (await office.user(mallory.user_id))["email"] == "mallory@acme.example"
    assert (await office.user(colleague.user_id))["email"] == "bob@acme.example"
    assert await conflict_kinds(office) == ["address_held"]


async def test_nobody_locks_a_colleague_out_by_taking_the_address(office: Office):
    """Lesson 22: the owner of the address still moves, and still logs in."""
    old = await office.add_old_user(email="bob@acme.example")
    await office.enter(subject="mallory", email="mallory@acme.example")
    await office.enter(subject="mallory", email="bob@acme.example")  # now wants bob's address
    bob = await office.enter(subject="bob", email="bob@acme.example")
    assert (bob.user_id, bob.moved) == (old, True)
    assert (await office.enter(subject="bob", email="bob@acme.example")).user_id == old


async def test_an_equal_name_never_links(office: Office):
    """Lessons 3 and 10: names are not compared, also not when they look like an address."""
    old = await office.add_old_user(name="Ada Lovelace")
    entered = await office.enter(email="other@acme.example", name="Ada Lovelace")
    assert entered.user_id != old
    third = await office.enter(subject="x", email="third@acme.example", name="ada@acme.example")
    assert third.user_id != old
    assert (await office.user(old))["subject"] is None


async def test_subjects_are_compared_byte_by_byte(office: Office):
    """Lesson 9: `ABC` and `abc` are two people; addresses are compared without their case."""
    upper = await office.enter(subject="ABC", email="upper@acme.example")
    lower = await office.enter(subject="abc", email="lower@acme.example")
    spaced = await office.enter(subject="abc ", email="spaced@acme.example")
    assert len({upper.user_id, lower.user_id, spaced.user_id}) == 3
    old = await office.add_old_user(email="Grace.Hopper@Acme.Example")
    moved = await office.enter(subject="g", email="grace.hopper@ACME.example")
    assert moved.user_id == old


async def test_an_organisations_login_never_reaches_users_of_another_account(office: Office):
    """Lessons 12, 13 and 14: the account comes from this login's organisation, not the address."""
    other = await office.add_account("Globex", OTHER_ORGANISATION)
    victim = await office.add_old_user(account_id=other.id)
    entered = await office.enter()
    assert entered.account_id == office.account.id
    assert entered.user_id != victim
    assert (await office.user(victim))["subject"] is None
    assert (await office.user(victim))["password_digest"] is not None


async def test_a_login_in_another_account_ends_the_sessions_of_the_first(office: Office):
    await office.add_account("Globex", OTHER_ORGANISATION)
    here = await office.enter()
    colleague = await office.enter(subject="bob", email="bob@acme.example")
    there = await office.enter(organisation=OTHER_ORGANISATION)
    assert there.user_id != here.user_id
    assert await office.session(here.session_secret) is None
    assert await office.session(there.session_secret) is not None
    assert await office.session(colleague.session_secret) is not None


# --- the move -------------------------------------------------------------------------------------


async def test_the_first_login_moves_the_old_user_and_closes_every_door(office: Office):
    old = await office.add_old_user()
    browser = office.browser()
    assert (await office.old_login(browser)).status_code == 303
    entered = await office.enter()
    assert (entered.user_id, entered.moved) == (old, True)
    user = await office.user(old)
    assert user["password_digest"] is None
    assert (user["issuer"], user["subject"], user["moved_at"]) == (ISSUER, "ada-1", office.now)
    assert (await browser.get(office.dashboard)).headers["location"].startswith("/login?")
    assert (await office.old_login(office.browser())).status_code == 403
    (letter,) = await office.state.outbox.lease(office.database, office.now)
    assert (letter.kind, letter.payload and letter.payload["to"]) == (
        "mail.moved",
        "ada@acme.example",
    )
    (event,) = await office.events("user.moved")
    assert (event["reference"], event["user_id"]) == ("ABCDEFGHIJKL", old)
    assert "ada@acme.example" not in event["details"]


async def test_links_and_api_tokens_from_before_the_move_are_void(office: Office):
    from sqlalchemy import insert

    from live_agent.db import tables

    old = await office.add_old_user()
    link = {"fingerprint": "f", "user_id": old, "kind": "reset", "created_at": 1, "expires_at": 9}
    await office.database.one(insert(tables.old_links).values(**link))
    token = {"fingerprint": "t", "user_id": old, "created_at": 1}
    await office.database.one(insert(tables.api_tokens).values(**token))
    await office.enter()
    assert (await office.rows("old_links"))[0]["voided_at"] == office.now
    assert (await office.rows("api_tokens"))[0]["ended_at"] == office.now


@pytest.mark.parametrize("verified", [None, "false", 0, "true", 1, False], ids=repr)
async def test_only_the_boolean_true_counts_as_verified(office: Office, verified: object):
    """Lesson 4: absent, null, "false", 0 and "true" do not say that the address is verified."""
    old = await office.add_old_user()
    assert isinstance(await office.arrive(email_verified=verified), LinkNeeded)
    assert (await office.user(old))["subject"] is None


async def test_an_old_user_whose_address_was_never_confirmed_is_not_taken_over(office: Office):
    """Lessons 5 and 6: both sides verified, not only the platform's."""
    old = await office.add_old_user(confirmed=False)
    assert isinstance(await office.arrive(email_verified=True), LinkNeeded)
    user = await office.user(old)
    assert (user["subject"], user["password_digest"] is None) == (None, False)


async def test_a_failed_login_closes_no_door(office: Office):
    old = await office.add_old_user()
    assert await office.refusal(roles=()) is Problem.USER_NOT_AUTHORISED
    await office.switch(linking=False)
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    assert (await office.user(old))["password_digest"] is not None
    assert (await office.old_login(office.browser())).status_code == 303


async def test_linking_and_the_platform_login_can_be_switched_off(office: Office):
    """Lesson 7: linking obeys the account's switches."""
    old = await office.add_old_user()
    await office.switch(linking=False)
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    assert await conflict_kinds(office) == ["linking_off"]
    await office.switch(oauth_login=False, linking=True)
    assert await office.refusal() is Problem.PLATFORM_LOGIN_OFF
    assert (await office.user(old))["subject"] is None
    await office.switch(oauth_login=True)
    assert (await office.enter()).user_id == old


async def test_two_candidates_are_left_to_an_administrator(office: Office):
    ids = {await office.add_old_user(), await office.add_old_user(email="ADA@acme.example")}
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    assert await office.refusal() is Problem.IDENTITY_CONFLICT
    (row,) = await office.rows("conflicts")
    assert (row["kind"], row["times"]) == ("ambiguous", 2)
    assert set(json.loads(row["user_ids"])) == ids


async def test_one_disabled_candidate_does_not_make_the_other_the_only_one(office: Office):
    """Lesson 78: a filter on active users must not decide who is meant."""
    one = await office.add_old_user()
    await office.add_old_user()
    await office.disable(one)
    assert await office.refusal() is Problem.IDENTITY_CONFLICT


async def test_a_recycled_address_adopts_nobody(office: Office):
    """Lesson 23: the person left, the address went to somebody new."""
    left = await office.enter(subject="left")
    assert await office.refusal(subject="newcomer") is Problem.IDENTITY_CONFLICT
    await office.disable(left.user_id)
    assert await office.refusal(subject="newcomer") is Problem.IDENTITY_CONFLICT
    old = await office.add_old_user(email="old@acme.example")
    await office.disable(old)
    problem = await office.refusal(subject="newcomer", email="old@acme.example")
    assert problem is Problem.USER_DISABLED
    assert (await office.user(old))["subject"] is None


async def test_a_disabled_user_is_neither_revived_nor_doubled(office: Office):
    """Lesson 78: the login does not enable, and does not make a twin."""
    old = await office.add_old_user()
    await office.disable(old)
    assert await office.refusal() is Problem.USER_DISABLED
    assert [row["id"] for row in await office.users()] == [old]
    linked = await office.enter(subject="bob", email="bob@acme.example")
    await office.disable(linked.user_id)
    assert await office.refusal(subject="bob", email="bob@acme.example") is Problem.USER_DISABLED
    assert await office.refusal(subject="bob", email="b2@acme.example") is Problem.USER_DISABLED
    assert (await office.user(linked.user_id))["disabled_at"] is not None
    assert len(await office.users()) == 2


async def test_a_unique_violation_never_falls_back_to_whoever_has_the_address(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    """Lesson 8: everything is decided afresh, and then refused, never guessed."""
    holder = await office.enter(subject="holder")
    real, calls = agents.find_for_login, []

    async def blind_once(*arguments: Any) -> Any:
        calls.append(arguments)
        account, owner, same_address = await real(*arguments)
        return account, owner, [] if len(calls) == 1 else same_address

    monkeypatch.setattr(agents, "find_for_login", blind_once)
    assert await office.refusal(subject="newcomer") is Problem.IDENTITY_CONFLICT
    assert len(calls) == 2
    assert [row["id"] for row in await office.users()] == [holder.user_id]


async def test_a_violation_that_does_not_end_is_answered_as_busy(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    """Lesson 8, when the database refuses again and again."""

    async def always(*_arguments: object, **_more: object) -> str:
        raise UniqueViolation("linked_users_by_email")

    monkeypatch.setattr(agents, "create_linked", always)
    assert await office.refusal() is Problem.SERVER_BUSY
    assert await office.users() == []


# --- roles ----------------------------------------------------------------------------------------


async def test_nobody_without_a_role_gets_in(office: Office):
    """Lesson 26: an empty role list is refused, not read as "the grant exists"."""
    assert await office.refusal(roles=()) is Problem.USER_NOT_AUTHORISED
    assert await office.users() == []


async def test_an_empty_role_list_takes_the_old_rights_away(office: Office):
    """Lesson 29: empty or missing roles remove rights instead of keeping them."""
    entered = await office.enter(roles=("administrator",))
    assert await office.refusal(roles=(), access_revision=2) is Problem.USER_NOT_AUTHORISED
    user = await office.user(entered.user_id)
    assert (user["roles"], user["access_revision"]) == ("", 2)
    assert await office.session(entered.session_secret) is None
    again = await office.enter(roles=("agent",), access_revision=3)
    session = await office.session(again.session_secret)
    assert session is not None
    assert session.roles == ("agent",)


async def test_an_older_id_token_does_not_undo_a_change(office: Office):
    entered = await office.enter(roles=("agent",), access_revision=5)
    assert await office.refusal(roles=("administrator",), access_revision=4) is Problem.ACCESS_ENDED
    assert (await office.user(entered.user_id))["roles"] == "agent"


async def test_a_provider_without_revisions_is_believed_each_time(office: Office):
    """Also after a time with revisions: a missing claim is not older than anything."""
    entered = await office.enter(roles=("agent",), access_revision=5)
    await office.enter(roles=("supervisor",), access_revision=None)
    user = await office.user(entered.user_id)
    assert (user["roles"], user["access_revision"]) == ("supervisor", 5)
    refusal = await office.refusal(roles=(), access_revision=None)
    assert refusal is Problem.USER_NOT_AUTHORISED
    await office.enter(subject="new", email="new@acme.example", access_revision=None)


async def test_a_suspended_account_is_closed_on_every_path(office: Office):
    """Lesson 25: the rule holds for the login, running sessions, the old login and the proof."""
    await office.add_old_user(email="old@acme.example")
    entered = await office.enter()
    await office.suspend()
    assert await office.refusal() is Problem.ORGANISATION_SUSPENDED
    assert await office.refusal(subject="new", email="n@x.example") is (
        Problem.ORGANISATION_SUSPENDED
    )
    assert await office.session(entered.session_secret) is None
    answer = await office.old_login(office.browser(), "old@acme.example")
    assert answer.status_code == 403


async def test_a_login_costs_six_statements_in_one_transaction(office: Office):
    await office.enter()
    statements, transactions = office.database.statements, office.database.transactions
    await office.enter()
    assert office.database.transactions - transactions == 1
    assert office.database.statements - statements == 6


async def test_the_session_that_the_browser_had_ends(office: Office):
    """Lesson 39: the session's secret changes at each login."""
    first = await office.enter()
    second = await office.enter(old_session=first.session_secret)
    assert second.session_secret != first.session_secret
    assert await office.session(first.session_secret) is None
    other_browser = await office.enter()
    assert await office.session(second.session_secret) is not None
    assert await office.session(other_browser.session_secret) is not None


async def test_tokens_are_stored_sealed(office: Office):
    """Lesson 21: what binds the login stays on the server, and is not readable there."""
    outcome = await office.arrive()
    assert isinstance(outcome, Entered)
    (row,) = await office.rows("sessions")
    assert "an.id.token" not in row["sealed_tokens"]
    assert outcome.session_secret not in str(dict(row))
    assert ACME not in str(dict(row))
