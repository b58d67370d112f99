"""`live-agent doors`, `break-glass`, `conflicts decide`, `users history` and `users put-back`."""

import json
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from live_agent.cli.commands import cli
from support.office import ACME, ENVIRONMENT, OLD_PASSWORD


class Operator:
    """Somebody at a terminal."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment, self._runner = environment, CliRunner()

    def types(self, *arguments: str, stdin: str = "") -> Result:
        return self._runner.invoke(cli, arguments, input=stdin, env=self._environment)

    def says(self, *arguments: str, stdin: str = "") -> str:
        done = self.types(*arguments, stdin=stdin)
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    def reads(self, *arguments: str) -> Any:
        return json.loads(self.says(*arguments, "--json"))

    def refused(self, *arguments: str, stdin: str = "") -> str:
        done = self.types(*arguments, stdin=stdin)
        assert done.exit_code == 1, (done.exit_code, done.output)
        return " ".join(done.stderr.split())


@pytest.fixture
def operator(database_url: str) -> Operator:
    return Operator(ENVIRONMENT | {"DATABASE_URL": database_url})


@pytest.fixture
def account(operator: Operator) -> str:
    return operator.says("accounts", "create", "Acme", "--organisation", ACME)


def add(operator: Operator, account: str, email: str, role: str) -> str:
    return operator.says(
        "users", "create", email, "--account", account, "--name", "Ada", "--role", role,
        "--confirmed", "--password-stdin", stdin=OLD_PASSWORD,
    )  # fmt: skip


def open_doors(operator: Operator, account: str) -> dict[str, list[str]]:
    found: list[dict[str, Any]] = operator.reads("doors", "--account", account)
    return {one["email"]: [door["door"] for door in one["doors"] if door["open"]] for one in found}


def test_an_operator_sees_all_doors_and_closes_a_persons(operator: Operator, account: str):
    for email, role in (("ada@acme.example", "administrator"), ("bob@acme.example", "agent")):
        add(operator, account, email, role)
    expected = ["cognigy", "old_login"]
    assert open_doors(operator, account) == {
        "ada@acme.example": expected,
        "bob@acme.example": expected,
    }
    close = ("doors", "--account", account, "--user", "bob@acme.example", "--close")
    assert "reason" in operator.refused(*close)
    why = ("--reason", "left in anger")
    assert "Nothing was changed" in operator.refused(*close, *why, stdin="somebody else\n")
    operator.says(*close, *why, stdin="bob@acme.example\n")
    assert open_doors(operator, account)["bob@acme.example"] == []
    (line,) = operator.reads("users", "history", "bob@acme.example", "--account", account)
    assert (line["deed"], line["how"], line["reason"]) == ("closed", "operator", "left in anger")
    assert "bob@acme.example" in operator.says("doors", "--account", account)
    last = ("doors", "--account", account, "--user", "ada@acme.example", "--close", "--yes")
    assert "last administrator" in operator.refused(*last, *why)


def test_a_break_glass_link_is_printed_once_and_for_administrators(
    operator: Operator, account: str
):
    add(operator, account, "ada@acme.example", "administrator")
    add(operator, account, "bob@acme.example", "agent")
    order = ("break-glass", "ada@acme.example", "--account", account)
    assert "reason" in operator.refused(*order, "--reason", " ")
    link = operator.says(*order, "--reason", "The platform is down.")
    assert link.startswith("http://localhost:3000/break-glass/bg_")
    made = operator.reads(*order, "--reason", "The platform is down.")
    assert (made["seconds"], made["link"] == link) == (600, False)
    assert "break_glass" in open_doors(operator, account)["ada@acme.example"]
    said = operator.refused("break-glass", "bob@acme.example", *order[2:], "--reason", "Down.")
    assert "not an administrator" in said


def test_only_who_moved_can_be_put_back_and_conflicts_need_an_id(operator: Operator, account: str):
    add(operator, account, "ada@acme.example", "administrator")
    back = ("users", "put-back", "ada@acme.example", "--account", account, "--reason", "Oops.")
    assert "cannot be put back" in operator.refused(*back)
    assert operator.reads("users", "history", "ada@acme.example", "--account", account) == []
    decide = ("conflicts", "decide", "cf_none", "--account", account, "--reason", "We asked.")
    assert "one of" in operator.refused(*decide)
    assert "There is no such page" in operator.refused(*decide, "--reject")
    withdraw = ("conflicts", "withdraw", "cf_none", "--account", account)
    assert "There is no such page" in operator.refused(*withdraw)
