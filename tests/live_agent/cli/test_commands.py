"""The live-agent command line, as the operator types it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kernel.clock import SystemClock
from support.databases import Databases
from support.office import ACME as ORGANISATION
from support.office import ENVIRONMENT
from support.terminal import Operator

PASSWORD = "copper-lantern-meadow-17"


def test_an_account_is_made_listed_and_shown(operator: Operator):
    made = operator.reads("accounts", "create", "Acme", "--organisation", ORGANISATION)
    assert made == {
        "id": made["id"],
        "name": "Acme",
        "organisation_id": ORGANISATION,
        "oauth_login": True,
        "linking": True,
        "second_approval": False,
        "suspended": False,
    }
    assert operator.reads("accounts", "list") == [made]
    assert operator.reads("accounts", "show", str(made["id"])) == made
    assert ORGANISATION in operator.says("accounts", "list").replace("\n", "")
    assert "Acme" in operator.says("accounts", "show", str(made["id"]))


def test_an_organisation_has_one_account(operator: Operator, account: str):
    said = operator.refused("accounts", "create", "Twin", "--organisation", ORGANISATION)
    assert "has an account already" in said


def test_an_account_with_old_users_gets_its_organisation_once(operator: Operator):
    number = operator.says("accounts", "create", "Old")
    operator.says("accounts", "map", number, "--organisation", ORGANISATION)
    operator.says("accounts", "map", number, "--organisation", ORGANISATION)  # safe to repeat
    assert operator.reads("accounts", "show", number)["organisation_id"] == ORGANISATION
    assert "already" in operator.refused("accounts", "map", number, "--organisation", "b" * 24)
    other = operator.says("accounts", "create", "Other")
    said = operator.refused("accounts", "map", other, "--organisation", ORGANISATION)
    assert "has an account already" in said
    assert "no account 99" in operator.refused("accounts", "map", "99", "--organisation", "c")


def test_accounts_are_suspended_resumed_and_switched(operator: Operator, account: str):
    operator.says("accounts", "suspend", account)
    assert operator.reads("accounts", "show", account)["suspended"] is True
    operator.says("accounts", "resume", account)
    changed = operator.reads("accounts", "set", account, "--oauth-login", "off")
    assert (changed["suspended"], changed["oauth_login"], changed["linking"]) == (
        False,
        False,
        True,
    )
    changed = operator.reads("accounts", "set", account, "--linking", "off", "--oauth-login", "on")
    assert (changed["oauth_login"], changed["linking"]) == (True, False)
    assert "do not move" in operator.says("accounts", "set", account)
    for command in ("suspend", "resume", "set", "show"):
        assert "no account 99" in operator.refused("accounts", command, "99")


def test_an_account_is_deleted_once_its_name_is_typed(operator: Operator, account: str):
    make(operator, account)
    for answer in ("", "yes\n", "acme\n"):
        said = operator.refused("accounts", "delete", account, stdin=answer)
        assert "Everybody of Acme loses" in said
        assert said.endswith("Nothing was changed.")
    assert operator.reads("users", "list", "--account", account) != []
    assert "deleted" in operator.says("accounts", "delete", account, stdin="Acme\n")
    for command in ("delete", "show", "suspend", "resume", "set"):
        assert f"no account {account}" in operator.refused("accounts", command, account)
    assert operator.reads("accounts", "list") == operator.reads("conflicts", "list") == []
    assert operator.reads("users", "list", "--account", account) == []


def test_a_program_deletes_an_account_without_being_asked(operator: Operator, account: str):
    gone = operator.reads("accounts", "delete", account, "--yes")
    assert gone == {"id": int(account), "name": "Acme", "deleted": True}
    again = operator.says("accounts", "create", "Acme", "--organisation", ORGANISATION)
    assert again != account


@pytest.mark.parametrize("number", ["0", "2147483648", str(2**63), "one"])
def test_a_number_that_no_account_can_have_is_refused(operator: Operator, number: str):
    for command in ("show", "suspend", "delete"):
        assert operator.types("accounts", command, number).exit_code == 2


def make(operator: Operator, account: str, email: str = "old@acme.example", **more: str) -> Any:
    extra = [part for key, value in more.items() for part in (f"--{key}", value)]
    return operator.reads(
        *("users", "create", email, "--account", account, "--name", "Olga Old"),
        *("--role", "agent", "--confirmed", "--password-stdin", *extra),
        stdin=PASSWORD + "\n",
    )


def test_an_old_user_is_made_and_listed(operator: Operator, account: str):
    made = make(operator, account)
    (user,) = operator.reads("users", "list", "--account", account)
    assert user["id"] == made["id"]
    assert (user["linked"], user["confirmed"], user["has_password"]) == (False, True, True)
    assert PASSWORD not in operator.says("users", "list", "--account", account)


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("--role", "owner"), "", "not a role"),
        (("--role", "agent", "--password-stdin"), "short\n", "fewer than 12"),
        (("--role", "agent", "--account", "99"), "", "no account 99"),
    ],
    ids=["role", "password", "account"],
)
def test_what_is_wrong_with_a_user_is_said(
    operator: Operator, account: str, arguments: tuple[str, ...], stdin: str, said: str
):
    given = ("users", "create", "o@acme.example", "--account", account, "--name", "O", *arguments)
    assert said in operator.refused(*given, stdin=stdin)
    assert operator.reads("users", "list", "--account", account) == []


def test_an_address_that_is_none_is_refused(operator: Operator, account: str):
    given = ("users", "create", "nobody", "--account", account, "--name", "O", "--role", "agent")
    assert "not an e-mail address" in operator.refused(*given)


def test_users_are_disabled_enabled_and_given_a_password(operator: Operator, account: str):
    make(operator, account)
    at = ("old@acme.example", "--account", account)
    operator.says("users", "disable", *at)
    assert operator.reads("users", "list", "--account", account)[0]["disabled"] is True
    operator.says("users", "enable", "OLD@acme.example", "--account", account)
    assert operator.reads("users", "list", "--account", account)[0]["disabled"] is False
    operator.says("users", "set-password", *at, "--password-stdin", stdin="violet-harbour-42-x\n")
    assert "no user" in operator.refused("users", "disable", "x@acme.example", "--account", account)
    assert "standard input" in operator.refused("users", "set-password", *at)


def test_two_users_with_one_address_are_told_apart_by_id(operator: Operator, account: str):
    first = make(operator, account)
    make(operator, account, "OLD@acme.example")
    said = operator.refused("users", "disable", "old@acme.example", "--account", account)
    assert first["id"] in said
    operator.says("users", "disable", first["id"], "--account", account)


def test_conflicts_are_listed(operator: Operator, account: str):
    assert operator.reads("conflicts", "list") == []
    assert operator.says("conflicts", "list") == "None."


def test_every_setting_is_explained(operator: Operator):
    keys = {row["key"]: row for row in operator.reads("settings")}
    assert keys["FRONTEND_URL"]["required"] is True
    assert "FRONTEND_URL" in operator.says("settings")


def test_wrong_settings_are_all_named_at_once(database_url: str):
    environment = ENVIRONMENT | {"SECRET_KEY_BASE": "short", "FRONTEND_URL": ""}
    done = Operator(environment | {"DATABASE_URL": database_url}).types("accounts", "list")
    assert done.exit_code == 2
    for key in ("SECRET_KEY_BASE", "FRONTEND_URL"):
        assert key in done.stderr


def test_a_database_without_tables_names_the_command(databases: Databases, engine: str):
    url = databases.empty(engine)
    operator = Operator(ENVIRONMENT | {"DATABASE_URL": url})
    assert "live-agent database upgrade" in operator.refused("accounts", "list")
    assert "The database is at version" in operator.says("database", "upgrade")
    assert "already" in operator.says("database", "upgrade")
    assert operator.reads("accounts", "list") == []


def test_the_state_and_the_plan_of_a_move_are_printed(operator: Operator, account: str):
    operator.says(
        "users", "create", "ada@acme.example", "--account", account, "--name", "Ada",
        "--role", "agent", "--confirmed",
    )  # fmt: skip
    status = operator.reads("migration", "status", "--account", account)
    assert status["failure"] == "unreachable", "there is no platform in this test"
    assert status["states"] == {"not_known": 1}
    assert status["users"][0]["email"] == "ada@acme.example"
    assert "ada@acme.example" in operator.says("migration", "status", "--account", account)
    plan = operator.reads("migration", "plan", "--account", account, "--no-ask")
    assert (plan["moving"], plan["administrators"]) == ([], 0)
    assert "WITHOUT AN ADMINISTRATOR" in operator.says("migration", "plan", "--account", account)
    assert "no account 99" in operator.refused("migration", "plan", "--account", "99")


def test_old_users_are_led_through_the_move(operator: Operator, account: str):
    for name in ("ada", "bob"):
        operator.says(
            "users", "create", f"{name}@acme.example", "--account", account, "--name", name,
            "--role", "agent", "--confirmed",
        )  # fmt: skip
    of = ("--account", account)
    assert operator.says("migration", "stage", *of, "--to", "first") == "2 people."
    one = ("--email", "ADA@acme.example")
    soon = f"{datetime.fromtimestamp(SystemClock().now() + 10 * 86_400, UTC):%Y-%m-%d}"
    assert operator.says("migration", "stage", *of, "--to", "observe", *one) == "1 people."
    assert ": 2 people" in operator.says("migration", "remind", *of)
    assert "Nobody is in that state" in operator.refused("migration", "propose", *of)
    assert "No administrator" in operator.refused("migration", "close", *of, "--on", soon)
    assert "is no day" in operator.refused("migration", "close", *of, "--on", "soon")
    assert "no old user x@y.z" in operator.refused(
        "migration", "stage", *of, "--to", "first", "--email", "x@y.z"
    )
    assert operator.says("migration", "reopen", *of) == "0 old logins are open again."
    assert operator.says("migration", "pause", *of) == "Paused."
    assert operator.says("migration", "resume", *of) == "Goes on."
    assert operator.says("migration", "resume", *of) == "It was not paused."
