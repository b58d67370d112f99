"""`cognigy-ai organisations`: names, states, and the account in Live Agent."""

import asyncio
from typing import Any

import pytest

from cognigy_ai.cli.commands import cli as command
from support.command_line import CommandLine
from support.platform import ACME, ENVIRONMENT
from support.servers import CommandFailed
from support.small_live_agent import TOKEN, SmallLiveAgent

GLOBEX = "b" * 24


class Shell:
    """The command line in a thread, so that Live Agent answers meanwhile."""

    def __init__(self, line: CommandLine) -> None:
        self.environment = line.environment
        self._line = line

    async def run(self, *words: str, stdin: str = "") -> str:
        said = await asyncio.to_thread(self._line.run, "organisations", *words, stdin=stdin)
        return said.strip()

    async def run_json(self, *words: str) -> Any:
        return await asyncio.to_thread(self._line.run_json, "organisations", *words)

    async def refused(self, *words: str, stdin: str = "") -> str:
        with pytest.raises(CommandFailed) as failed:
            await self.run(*words, stdin=stdin)
        assert failed.value.code == 1
        return failed.value.said


@pytest.fixture
async def shell(database_url: str, live_agent: SmallLiveAgent) -> Shell:
    environment = ENVIRONMENT | live_agent.environment | {"DATABASE_URL": database_url}
    made = Shell(CommandLine(command, environment))
    await made.run("create", "Acme", "--id", ACME)
    return made


async def test_an_organisation_is_shown(shell: Shell) -> None:
    shown = await shell.run_json("show", ACME)
    assert shown["created_at"] > 0
    assert {k: v for k, v in shown.items() if k != "created_at"} == {
        "id": ACME,
        "name": "Acme",
        "suspended": False,
        "live_agent_account": None,
        "live_agent_set_up_at": None,
        "two_step_required": False,
        "people": 0,
    }
    assert "Acme" in await shell.run("show", ACME)
    assert "There is no organisation" in await shell.refused("show", GLOBEX)


async def test_a_name_is_changed(shell: Shell) -> None:
    assert await shell.run("rename", ACME, "Acme Ltd") == "Renamed."
    assert await shell.run("rename", ACME, "Acme Ltd") == "It has that name already."
    assert await shell.run_json("rename", ACME, "Acme") == {"id": ACME, "changed": True}
    assert "1 to 200 characters" in await shell.refused("rename", ACME, " ")


async def test_suspending_and_resuming_tell_whether_something_changed(shell: Shell) -> None:
    assert await shell.run_json("suspend", ACME) == {"id": ACME, "changed": True}
    assert await shell.run_json("suspend", ACME) == {"id": ACME, "changed": False}
    assert (await shell.run_json("show", ACME))["suspended"] is True
    assert "This organisation is suspended" in await shell.refused("set-up-live-agent", ACME)
    assert await shell.run("resume", ACME) == "Resumed."
    assert await shell.run("resume", ACME) == "It was not suspended."


async def test_live_agent_is_set_up(shell: Shell, live_agent: SmallLiveAgent) -> None:
    assert await shell.run("set-up-live-agent", ACME) == "7"
    assert await shell.run_json("set-up-live-agent", ACME) == {"id": ACME, "live_agent_account": 7}
    assert list(live_agent.accounts) == [7]
    assert (await shell.run_json("list"))[0]["live_agent_account"] == 7


async def test_a_failure_names_the_keys_and_not_the_token(
    shell: Shell, live_agent: SmallLiveAgent
) -> None:
    live_agent.answers = ("401 No", {"code": "platform_token_wrong"})
    said = await shell.refused("set-up-live-agent", ACME)
    assert "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN (Cognigy.AI)" in said
    assert "COGNIGY_PLATFORM_APP_TOKEN (Live Agent)" in said
    assert TOKEN not in said
    shell.environment["FEATURE_USE_COGNIGY_LIVE_AGENT"] = "false"
    assert "FEATURE_USE_COGNIGY_LIVE_AGENT" in await shell.refused("set-up-live-agent", ACME)


async def test_the_number_of_live_agent_is_adopted(
    shell: Shell, live_agent: SmallLiveAgent
) -> None:
    assert "Live Agent has no account for" in await shell.refused("adopt", ACME)
    live_agent.add(GLOBEX)
    assert "Account 7 of Live Agent does not belong" in await shell.refused("adopt", ACME, "7")
    assert "Live Agent has no account 8" in await shell.refused("adopt", ACME, "8")
    live_agent.add(ACME)
    assert await shell.run("adopt", ACME) == "8"
    adopted = await shell.run_json("adopt", ACME, "8")
    assert adopted == {"id": ACME, "live_agent_account": 8, "changed": False}


async def test_a_number_is_forgotten_only_when_that_is_meant(
    shell: Shell, live_agent: SmallLiveAgent
) -> None:
    await shell.run("set-up-live-agent", ACME)
    await shell.refused("forget-account", ACME, stdin="n\n")
    assert (await shell.run_json("show", ACME))["live_agent_account"] == 7
    assert await shell.run("forget-account", ACME, "--yes") == "Forgotten."
    assert await shell.run("forget-account", ACME, stdin="y\n") == "No number was stored."
    del live_agent.accounts[7]
    assert await shell.run("set-up-live-agent", ACME) == "8"
