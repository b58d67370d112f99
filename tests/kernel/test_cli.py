"""What an operator sees of a command: a table, JSON, or one red line and an exit code."""

import json
from typing import NoReturn

import pytest

from kernel import cli
from kernel.db import DatabaseUnavailable
from kernel.migrations import SchemaMismatch
from kernel.settings import Fault, SettingsError


def test_a_commands_result_is_handed_back() -> None:
    async def work() -> int:
        return 7

    assert cli.run(work()) == 7


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (DatabaseUnavailable("ConnectionRefusedError"), 1, "does not answer (ConnectionRefused"),
        (SchemaMismatch("Run: cognigy-ai database upgrade"), 1, "Run: cognigy-ai database"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_an_operator_can_mend_is_one_line(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str
) -> None:
    async def work() -> NoReturn:
        raise error

    with pytest.raises(SystemExit) as ended:
        cli.run(work())
    assert ended.value.code == code
    output = capsys.readouterr()
    assert said in output.err
    assert output.err.count("\n") <= 1
    assert output.out == ""


def test_a_bug_keeps_its_trace() -> None:
    async def work() -> NoReturn:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cli.run(work())


def test_a_message_is_never_read_as_markup_or_broken_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    message = "[red]no[/red] [/x] " + "long " * 60
    with pytest.raises(SystemExit) as ended:
        cli.fail(message)
    assert ended.value.code == 1
    assert capsys.readouterr().err == message + "\n"


def test_every_fault_of_the_settings_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    faults = [Fault("PORT", "is missing", "Write 3000"), Fault("URL", "is http", "Use https")]
    with pytest.raises(SystemExit):
        cli.fail_for_settings(SettingsError(faults))
    assert capsys.readouterr().err.splitlines() == [
        "2 settings are wrong.",
        "  PORT: is missing. Write 3000",
        "  URL: is http. Use https",
    ]
    with pytest.raises(SystemExit):
        cli.fail_for_settings(SettingsError(faults[:1]))
    assert capsys.readouterr().err.startswith("The configuration is wrong.\n")


def test_a_table_shows_values_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    cli.print_table("People", ["Name", "Roles"], [["Ana [admin]", None], ["Bob", 3]])
    shown = capsys.readouterr().out
    for text in ("People", "Name", "Roles", "Ana [admin]", "Bob", "3"):
        assert text in shown
    assert "None" not in shown


def test_an_empty_table_is_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    cli.print_table("People", ["Name"], [], empty="Nobody yet.")
    assert capsys.readouterr().out == "Nobody yet.\n"


def test_json_is_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    cli.print_json({"name": "é", "roles": []})
    shown = capsys.readouterr().out
    assert json.loads(shown) == {"name": "é", "roles": []}
    assert "é" in shown


def test_a_line_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    cli.print_line("https://platform.example/[x]")
    assert capsys.readouterr().out == "https://platform.example/[x]\n"
