"""`cognigy-ai serve` as a program of its own: what it says when it cannot start."""

from pathlib import Path

import pytest

from kernel.migrations import known_versions
from support.databases import Databases
from support.servers import CommandFailed, Platform


@pytest.fixture
def cli(databases: Databases, tmp_path: Path) -> Platform:
    return Platform(databases.fresh("sqlite", "cognigy_ai"), tmp_path)


def refused(cli: Platform, *arguments: str) -> CommandFailed:
    with pytest.raises(CommandFailed) as failed:
        cli.run(*arguments)
    return failed.value


def test_an_unmigrated_database_names_the_command(databases: Databases, tmp_path: Path) -> None:
    cli = Platform(databases.empty("sqlite"), tmp_path)
    for command in (("organisations", "list"), ("serve",)):
        failed = refused(cli, *command)
        assert failed.code == 1
        assert "Run: cognigy-ai database upgrade" in failed.said
    assert f"version {known_versions('cognigy_ai')[-1]} now" in cli.run("database", "upgrade")
    assert "already" in cli.run("database", "upgrade")
    assert cli.run_json("organisations", "list") == []


def test_a_server_starts_answers_and_ends_with_exit_code_0(cli: Platform) -> None:
    with cli.running():
        server = cli.servers[0]
        assert server.is_ready()
    assert server.process.returncode == 0
    assert len(cli.run_json("keys", "list")) == 3


def test_keys_sealed_with_another_secret_keep_the_server_from_starting(cli: Platform) -> None:
    with cli.running():
        pass
    cli.environment["SECRET_KEY_BASE"] = "another-secret-" * 8
    failed = refused(cli, "serve")
    assert failed.code == 1
    assert "SECRET_KEY_BASE_PREVIOUS" in failed.said
    assert "Traceback" not in failed.said
