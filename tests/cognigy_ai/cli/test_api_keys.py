"""`cognigy-ai api-keys`: keys are told once, and end when they are told to."""

import pytest

from cognigy_ai.cli.commands import cli as command
from support.command_line import CommandLine
from support.platform import ENVIRONMENT
from support.servers import CommandFailed

ACME = "a" * 24
ADA = "ada@acme.example"


@pytest.fixture
def cli(database_url: str) -> CommandLine:
    made = CommandLine(command, ENVIRONMENT | {"DATABASE_URL": database_url})
    made.run("organisations", "create", "Acme", "--id", ACME)
    made.run("users", "create", ADA, "--organisation", ACME, "--name", "Ada", "--role", "apiKeys")
    return made


def test_an_operators_key_is_printed_once(cli: CommandLine):
    secret = cli.run("api-keys", "create", "--operator", "Robot").strip()
    assert secret.startswith("ck_")
    [listed] = cli.run_json("api-keys", "list")
    assert (listed["name"], listed["owner"], listed["state"]) == ("Robot", None, "active")
    for shown in (("list",), ("show", listed["id"]), ("show", listed["id"], "--json")):
        said = cli.run("api-keys", *shown)
        assert "Robot" in said
        assert secret not in said


def test_an_owners_key_has_a_name_and_is_listed_under_the_organisation(cli: CommandLine):
    made = cli.run_json("api-keys", "create", "--owner", ADA, "--name", "Export", "--days", "30")
    assert made["api_key"].startswith("ck_")
    [listed] = cli.run_json("api-keys", "list", "--organisation", ACME)
    assert (listed["id"], listed["owner_email"]) == (made["id"], ADA)
    assert listed["expires_at"] - listed["created_at"] == 30 * 24 * 3600
    assert cli.run_json("api-keys", "list") == []
    assert "Export" in cli.run("api-keys", "list", "--organisation", ACME)


def test_a_key_is_revoked_and_rotated(cli: CommandLine):
    old = cli.run_json("api-keys", "create", "--operator", "Robot")
    new = cli.run_json("api-keys", "rotate", old["id"], "--overlap", "2")
    assert new["api_key"] != old["api_key"]
    shown = cli.run_json("api-keys", "show", old["id"])
    assert shown["expires_at"] - shown["created_at"] < 3 * 3600
    assert cli.run("api-keys", "revoke", new["id"]) == "Revoked.\n"
    assert cli.run("api-keys", "revoke", new["id"]) == "It was revoked already.\n"
    again = cli.run_json("api-keys", "revoke", new["id"])
    assert again == {"id": new["id"], "revoked": True, "changed": False}


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--operator", "x", "--owner", ADA),
        ("--operator", "x", "--days", "366"),
        ("--operator", "x", "--days", "0"),
    ],
)
def test_a_wrong_order_is_a_usage_error(cli: CommandLine, arguments: tuple[str, ...]):
    with pytest.raises(CommandFailed) as refusal:
        cli.run("api-keys", "create", *arguments)
    assert refusal.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "--owner", "nobody@acme.example", "--name", "x"), "no such user"),
        (("create", "--owner", ADA), "A name has to be"),
        (("create", "--operator", " "), "A name has to be"),
        (("show", "0" * 32), "no such API key"),
        (("revoke", "nonsense"), "no such API key"),
        (("rotate", "nonsense"), "no such API key"),
    ],
)
def test_a_refusal_is_one_line(cli: CommandLine, arguments: tuple[str, ...], words: str):
    with pytest.raises(CommandFailed) as refusal:
        cli.run("api-keys", *arguments)
    assert refusal.value.code == 1
    assert words in str(refusal.value)
