"""The command line on both databases."""

import pytest

from cognigy_ai.cli.commands import cli as command
from support.command_line import CommandLine
from support.platform import ACME, ENVIRONMENT


@pytest.fixture
def cli(database_url: str) -> CommandLine:
    bare = {key: value for key, value in ENVIRONMENT.items() if "LIVE_AGENT" not in key}
    return CommandLine(command, bare | {"DATABASE_URL": database_url})


@pytest.fixture
def acme(cli: CommandLine) -> CommandLine:
    """With the organisation Acme."""
    cli.run("organisations", "create", "Acme", "--id", ACME)
    return cli


@pytest.fixture
def ada(acme: CommandLine) -> CommandLine:
    """With Ada, who has a role and no password."""
    acme.run(
        *("users", "create", "ada@acme.example", "--organisation", ACME),
        *("--name", "Ada Lovelace", "--role", "liveAgentAgent"),
    )
    return acme
