"""`cognigy-ai users`: everything that an operator does to a person."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from cognigy_ai.db.tables import outbox, second_factors
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import NewUser, User
from kernel.db import open_database
from kernel.passwords import Passwords
from support.command_line import CommandLine
from support.platform import ACME, PASSWORD
from support.servers import CommandFailed

GLOBEX = "b" * 24
ADA = "ada@acme.example"
NOW = 2_000_000_000
ADD_FACTOR = second_factors.insert()
LETTERS = select(outbox.c.kind)


def refused(cli: CommandLine, *arguments: str, stdin: str = "") -> CommandFailed:
    with pytest.raises(CommandFailed) as failed:
        cli.run(*arguments, stdin=stdin)
    return failed.value


def make(cli: CommandLine, email: str, name: str, *roles: str, organisation: str = ACME) -> str:
    given = [word for role in roles for word in ("--role", role)]
    at = ("--organisation", organisation, "--name", name)
    made: str = cli.run_json("users", "create", email, *at, *given)["id"]
    return made


def letters(cli: CommandLine) -> list[str]:
    async def read() -> list[str]:
        database = await open_database(cli.environment["DATABASE_URL"])
        try:
            return sorted(row["kind"] for row in await database.all(LETTERS))
        finally:
            await database.close()

    return asyncio.run(read())


def begin_session(cli: CommandLine, *, factor: bool = False) -> User:
    """Somebody signs in as Ada; with `factor` there is two-step login too."""

    async def work() -> User:
        database = await open_database(cli.environment["DATABASE_URL"])
        try:
            async with database.transaction() as tx:
                user = await users.get_by_email(tx, ADA, None)
                await sessions.start(tx, user.id, "pwd", 10**9, "", NOW)
                if factor:
                    values = {"sealed_secret": "x", "last_step": 0, "created_at": NOW}
                    await tx.one(ADD_FACTOR, user_id=user.id, **values)
            return user
        finally:
            await database.close()

    return asyncio.run(work())


def digest_of_ada(cli: CommandLine) -> str | None:
    async def read() -> str | None:
        database = await open_database(cli.environment["DATABASE_URL"])
        try:
            user = await users.get_by_email(database, ADA, None)
            return await users.find_digest(database, user.id)
        finally:
            await database.close()

    return asyncio.run(read())


def emails(found: Any) -> list[str]:
    return [one["email"] for one in found]


def test_a_person_is_found_by_address_and_by_id(ada: CommandLine) -> None:
    shown = ada.run_json("users", "show", " ADA@acme.example")
    assert ada.run_json("users", "show", shown["id"]) == shown
    assert shown["state"] == "invited"
    assert (shown["two_step"], shown["sessions"], shown["last_active_at"]) == (False, 0, None)
    assert "liveAgentAgent" in ada.run("users", "show", ADA)
    for who in ("nobody@acme.example", "f" * 24, "*"):
        assert "There is no such user" in refused(ada, "users", "show", who).said
    elsewhere = refused(ada, "users", "show", shown["id"], "--organisation", GLOBEX)
    assert "There is no such user" in elsewhere.said


def test_an_address_in_two_organisations_needs_the_organisation(ada: CommandLine) -> None:
    ada.run("organisations", "create", "Globex", "--id", GLOBEX)
    make(ada, ADA, "Ada of Globex", organisation=GLOBEX)
    assert "Name the organisation too" in refused(ada, "users", "disable", ADA).said
    there = ada.run_json("users", "disable", ADA, "--organisation", GLOBEX)
    assert there["changed"] is True
    assert ada.run_json("users", "show", ADA, "--organisation", ACME)["disabled"] is False


def test_the_list_is_searched_narrowed_and_read_in_parts(acme: CommandLine) -> None:
    make(acme, "bob@acme.example", "Bob Stone", "admin")
    make(acme, "cid@acme.example", "Cid Stone", "liveAgentAgent")
    make(acme, "dan@acme.example", "Dan Wood", "liveAgentAgent")
    at = ("users", "list", "--organisation", ACME)
    everybody = acme.run_json(*at)
    assert emails(everybody) == ["bob@acme.example", "cid@acme.example", "dan@acme.example"]
    assert emails(acme.run_json(*at, "--search", "sto")) == emails(everybody)[:2]
    assert emails(acme.run_json(*at, "--role", "liveAgentAgent")) == emails(everybody)[1:]
    assert emails(acme.run_json(*at, "--state", "disabled")) == []
    assert emails(acme.run_json(*at, "--limit", "2")) == emails(everybody)[:2]
    assert emails(acme.run_json(*at, "--after", "BOB@acme.example")) == emails(everybody)[1:]
    assert "There are more: --after bob@acme.example" in acme.run(*at, "--limit", "1")
    assert "There are more" not in acme.run(*at, "--limit", "3")


def test_a_list_longer_than_a_page_is_whole(acme: CommandLine, database_url: str) -> None:
    async def seed() -> None:
        database = await open_database(database_url)
        try:
            async with database.transaction() as tx:
                for number in range(103):
                    new = NewUser(ACME, f"p{number:03}@acme.example", f"Person {number}")
                    await users.create(tx, new, NOW)
        finally:
            await database.close()

    asyncio.run(seed())
    found = acme.run_json("users", "list", "--organisation", ACME)
    assert emails(found) == [f"p{number:03}@acme.example" for number in range(103)]


def test_a_list_of_nothing_says_why(acme: CommandLine) -> None:
    unknown = refused(acme, "users", "list", "--organisation", GLOBEX)
    assert "There is no organisation" in unknown.said
    at = ("users", "list", "--organisation", ACME)
    assert "There is no role emperor" in refused(acme, *at, "--role", "emperor").said
    assert refused(acme, *at, "--state", "asleep").code == 2
    assert refused(acme, *at, "--limit", "0").code == 2


def test_roles_are_given_and_taken_one_by_one(ada: CommandLine) -> None:
    assert ada.run("users", "add-role", ADA, "odata") == "odata is given.\n"
    assert ada.run_json("users", "add-role", ADA, "odata")["changed"] is False
    assert ada.run_json("users", "show", ADA)["roles"] == ["base_role", "liveAgentAgent", "odata"]
    assert ada.run("users", "remove-role", ADA, "odata") == "odata is taken away.\n"
    assert "does not have" in ada.run("users", "remove-role", ADA, "odata")
    for deed in ("add-role", "remove-role"):
        assert "There is no role" in refused(ada, "users", deed, ADA, "emperor").said
    assert refused(ada, "users", "remove-role", ADA, "base_role").code == 1
    assert "base_role" in ada.run_json("users", "show", ADA)["roles"]


def test_the_last_administrator_stays(ada: CommandLine) -> None:
    ada.run("users", "add-role", ADA, "admin")
    for words in (
        ("remove-role", ADA, "admin"),
        ("set-roles", ADA, "--role", "odata"),
        ("disable", ADA),
        ("delete", ADA, "--yes"),
    ):
        failed = refused(ada, "users", *words)
        assert (failed.code, "last administrator" in failed.said) == (1, True)


def test_a_person_is_renamed(ada: CommandLine) -> None:
    assert ada.run("users", "rename", ADA, "Ada King", "--locale", "de") == "Renamed.\n"
    assert ada.run_json("users", "rename", ADA, "Ada King")["changed"] is False
    shown = ada.run_json("users", "show", ADA)
    assert (shown["name"], shown["locale"]) == ("Ada King", "de")
    assert "1 to 200 characters" in refused(ada, "users", "rename", ADA, " ").said
    assert refused(ada, "users", "rename", ADA, "Ada", "--locale", "tlh").code == 1


def test_a_person_gets_another_address(ada: CommandLine) -> None:
    make(ada, "bob@acme.example", "Bob")
    taken = refused(ada, "users", "set-address", ADA, "bob@acme.example")
    assert "already" in taken.said
    ada.run("users", "set-address", ADA, "king@acme.example", "--email-verified")
    assert ada.run_json("users", "show", "king@acme.example")["email_verified"] is True


def test_deleting_asks_for_the_address(ada: CommandLine) -> None:
    assert refused(ada, "users", "delete", ADA, stdin="\n").code == 1
    assert "Nothing was changed" in refused(ada, "users", "delete", ADA, stdin="yes\n").said
    assert "sessions and keys" in refused(ada, "users", "delete", ADA, stdin="no\n").said
    assert refused(ada, "users", "delete", ADA).code == 1  # nobody there to ask
    assert ada.run("users", "delete", ADA, stdin=f"{ADA}\n") == "Deleted.\n"
    assert "There is no such user" in refused(ada, "users", "delete", ADA, "--yes").said


def test_deleting_without_a_question_is_for_programs(ada: CommandLine) -> None:
    gone = ada.run_json("users", "delete", ADA, "--yes")
    assert (gone["email"], gone["changed"]) == (ADA, True)


def test_an_invitation_is_mailed_and_nothing_secret_is_printed(acme: CommandLine) -> None:
    at = ("--organisation", ACME, "--name", "Bob", "--invite")
    made = acme.run_json("users", "create", "bob@acme.example", *at)
    assert made["password_link"] is None
    assert letters(acme) == ["mail.invitation"]
    said = acme.run("users", "invite", "bob@acme.example")
    assert said == "An invitation to bob@acme.example is on its way.\n"
    assert letters(acme) == ["mail.invitation"] * 2
    both = ("users", "create", "eve@acme.example", *at, "--password-stdin")
    assert refused(acme, *both, stdin=PASSWORD).code == 2


def test_a_password_is_set_and_has_to_be_changed(ada: CommandLine) -> None:
    user = begin_session(ada)
    assert ada.run_json("users", "show", ADA)["sessions"] == 1
    said = ada.run("users", "set-password", ADA, stdin=f"{PASSWORD}\n")
    assert said == "The password is set.\n"
    shown = ada.run_json("users", "show", user.id)
    assert (shown["must_change_password"], shown["sessions"]) == (True, 0)
    digest = digest_of_ada(ada)
    assert digest is not None
    assert asyncio.run(Passwords().matches(PASSWORD, digest))
    ada.run("users", "set-password", ADA, "--no-must-change", stdin=f"{PASSWORD}\n")
    assert ada.run_json("users", "show", ADA)["must_change_password"] is False


def test_a_weak_password_is_refused_and_never_repeated(ada: CommandLine) -> None:
    for weak in ("short", "password1234", "lovelace-2026-acme", ""):
        failed = refused(ada, "users", "set-password", ADA, stdin=f"{weak}\n")
        assert failed.code == 1
        assert not weak or weak not in failed.said
    assert digest_of_ada(ada) is None


def test_the_policy_of_the_organisation_holds_here_too(ada: CommandLine) -> None:
    async def tighten() -> None:
        database = await open_database(ada.environment["DATABASE_URL"])
        try:
            async with database.transaction() as tx:
                await organisations.set_policy(tx, ACME, '{"minLength": 40}', NOW)
        finally:
            await database.close()

    asyncio.run(tighten())
    failed = refused(ada, "users", "set-password", ADA, stdin=f"{PASSWORD}\n")
    assert "Use at least 40 characters." in failed.said


def test_sessions_are_ended(ada: CommandLine) -> None:
    begin_session(ada)
    assert ada.run("users", "end-sessions", ADA) == "Signed out everywhere; API keys are revoked.\n"
    assert ada.run_json("users", "show", ADA)["sessions"] == 0


def test_two_step_login_is_reset_and_the_person_is_told(ada: CommandLine) -> None:
    begin_session(ada, factor=True)
    assert ada.run_json("users", "show", ADA)["two_step"] is True
    assert ada.run("users", "reset-two-step", ADA) == "Two-step login is off.\n"
    assert ada.run_json("users", "reset-two-step", ADA)["changed"] is False
    assert letters(ada) == ["mail.two_step"]


@pytest.mark.parametrize("deed", ["disable", "enable", "end-sessions", "reset-two-step"])
def test_every_deed_answers_programs_with_an_object(ada: CommandLine, deed: str) -> None:
    told = ada.run_json("users", deed, ADA)
    assert told.keys() == {"id", "email", "changed"}
    assert told["email"] == ADA
