"""`cognigy-ai roles`, `clients` and `keys`, and what programs read of them."""

import json
from pathlib import Path

import pytest

from cognigy_ai.roles.rules import OF_LIVE_AGENT, PERMISSIONS_OF_ROLE, ROLES, Permission
from support.command_line import CommandLine
from support.platform import ACME
from support.servers import CommandFailed

URI = ("--redirect-uri", "https://app.example/callback")


def refused(cli: CommandLine, *arguments: str, stdin: str = "") -> CommandFailed:
    with pytest.raises(CommandFailed) as failed:
        cli.run(*arguments, stdin=stdin)
    return failed.value


def test_every_role_is_listed_with_what_it_allows(cli: CommandLine) -> None:
    found = {one["role"]: one for one in cli.run_json("roles", "list")}
    assert found.keys() == ROLES.keys()
    assert set(found["admin"]["permissions"]) == {
        one.name.lower() for one in set(Permission) - OF_LIVE_AGENT
    }
    assert found["liveAgentAgent"]["live_agent"] is True
    assert found["odata"]["permissions"] == []
    assert "userManager" in cli.run("roles", "list")


@pytest.mark.parametrize("role", ["admin", "userManager", "odata"])
def test_a_role_is_shown_in_words(cli: CommandLine, role: str) -> None:
    shown = cli.run("roles", "show", role)
    allowed = PERMISSIONS_OF_ROLE.get(role, frozenset())
    for permission in Permission:
        assert (permission.name.lower() in shown.split()) == (permission in allowed)
    assert cli.run_json("roles", "show", role)["meaning"] == ROLES[role]


def test_an_unknown_role_is_named_with_those_there_are(cli: CommandLine) -> None:
    failed = refused(cli, "roles", "show", "emperor")
    assert (failed.code, "liveAgentSupervisor" in failed.said) == (1, True)


def test_a_clients_state_is_an_object_for_programs(cli: CommandLine) -> None:
    cli.run("clients", "create", "an-app", "--name", "An app", *URI)
    assert cli.run_json("clients", "disable", "an-app") == {"client_id": "an-app", "changed": True}
    assert cli.run_json("clients", "disable", "an-app")["changed"] is False
    assert cli.run_json("clients", "enable", "an-app")["changed"] is True
    assert refused(cli, "clients", "enable", "another").code == 1


def test_new_keys_are_named_for_programs(cli: CommandLine) -> None:
    [made] = cli.run_json("keys", "rotate", "--alg", "ES256", "--at-once")
    assert made["alg"] == "ES256"
    assert [one["kid"] for one in cli.run_json("keys", "list")] == [made["kid"]]


def test_a_key_is_retired_once_another_signs(cli: CommandLine) -> None:
    [old] = cli.run_json("keys", "rotate", "--alg", "ES256", "--at-once")
    signing = refused(cli, "keys", "retire", old["kid"], "--yes")
    assert "signs at present" in signing.said
    assert "keys rotate --alg ES256" in signing.said
    [coming] = cli.run_json("keys", "rotate", "--alg", "ES256")
    assert cli.run_json("keys", "retire", coming["kid"], "--yes")["changed"] is True
    assert cli.run("keys", "retire", coming["kid"], "--yes") == "It was retired already.\n"
    assert "There is no signing key" in refused(cli, "keys", "retire", "unknown", "--yes").said
    states = {one["kid"]: one["state"] for one in cli.run_json("keys", "list")}
    assert states == {old["kid"]: "signing", coming["kid"]: "revoked"}


def test_retiring_a_key_asks_first(cli: CommandLine) -> None:
    cli.run("keys", "rotate", "--alg", "ES256", "--at-once")
    [coming] = cli.run_json("keys", "rotate", "--alg", "ES256")
    for answer in ("n\n", ""):
        assert refused(cli, "keys", "retire", coming["kid"], stdin=answer).code == 1
    assert cli.run("keys", "retire", coming["kid"], stdin="yes\n") == "Retired.\n"


def test_an_applied_file_is_told_to_programs_with_its_secrets(
    cli: CommandLine, tmp_path: Path
) -> None:
    row = {"client_id": "an-app", "name": "An app", "redirect_uris": ["https://app.example/x"]}
    file = tmp_path / "rows.yaml"
    content = {"organisations": [{"id": ACME, "name": "Acme"}], "clients": [row]}
    file.write_text(json.dumps(content))
    organisation, client = cli.run_json("apply", str(file))
    assert organisation == {"row": f"organisation {ACME}", "state": "created", "secret": None}
    assert client["secret"].startswith("cs_")
    assert cli.run_json("apply", str(file))[1]["secret"] is None


def test_an_upgrade_tells_programs_both_versions(cli: CommandLine) -> None:
    told = cli.run_json("database", "upgrade")
    assert told["changed"] is False
    assert told["before"] == told["after"]
