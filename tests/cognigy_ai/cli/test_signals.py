"""`cognigy-ai signals`: what was told to whom, what waits and why, and telling it again."""

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
    made.run("users", "create", ADA, "--organisation", ACME, "--name", "Ada")
    return made


def test_a_change_by_the_command_line_waits_for_the_server(cli: CommandLine):
    assert cli.run("signals", "list").startswith("None")
    assert "Nobody was told anything yet" in cli.run("signals", "status")
    cli.run("users", "add-role", ADA, "liveAgentAgent")
    cli.run("users", "disable", ADA)
    newest, first = cli.run_json("signals", "list", "--organisation", ACME)
    assert (newest["kind"], first["kind"]) == ("account_disabled", "claims_changed")
    assert (newest["state"], newest["receiver"]) == ("waiting", "@live-agent")
    assert newest["access_revision"] == first["access_revision"] + 1
    assert newest["user_id"] in cli.run("signals", "list")
    [delivery] = cli.run_json("signals", "status")
    assert delivery == {
        "receiver": "@live-agent",
        "last_acknowledged_at": None,
        "waiting": 2,
        "waiting_since": first["changed_at"],
        "failing_since": None,
        "refused": 0,
        "reason": None,
    }
    assert "@live-agent" in cli.run("signals", "status", "--organisation", ACME)
    assert cli.run_json("signals", "list", "--state", "refused") == []
    assert len(cli.run_json("signals", "list", "--user", newest["user_id"], "--most", "1")) == 1


def test_one_or_all_of_a_state_are_sent_again(cli: CommandLine):
    cli.run("users", "add-role", ADA, "liveAgentAgent")
    [signal] = cli.run_json("signals", "list")
    assert cli.run_json("signals", "replay", signal["id"]) == {"replayed": [signal["id"]]}
    assert cli.run("signals", "replay", "--state", "waiting") == "To be sent again: 1.\n"
    assert cli.run("signals", "replay", "--state", "refused") == "To be sent again: 0.\n"
    assert len(cli.run_json("signals", "list")) == 1
    [event] = [e for e in cli.run_json("audit", "list") if e["event"] == "signal.replayed"][:1]
    assert event["organisation_id"] == ACME


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay", "ev_nobody"), "There is no signal ev_nobody"),
        (("replay",), "Name ids, or a --state"),
        (("replay", "ev_1", "--state", "waiting"), "Name ids, or a --state"),
        (("replay", "--state", "lost"), "lost is none of"),
        (("list", "--state", "lost"), "lost is none of"),
    ],
)
def test_what_cannot_be_done_is_said(cli: CommandLine, arguments: tuple[str, ...], said: str):
    with pytest.raises(CommandFailed, match=said):
        cli.run("signals", *arguments)
