"""The `live-agent` command line: every group of commands, and those that stand alone."""

from typing import Annotated

import typer

import live_agent.cli.lint
import live_agent.cli.means
from kernel import migrations
from kernel.backup.commands import add_backup
from kernel.cli import print_json, print_line, print_table, run
from kernel.db import open_database
from kernel.web.help import Key, keys_by_group
from live_agent.agents import keys
from live_agent.cli import (
    accounts,
    audit,
    break_glass,
    conflicts,
    doctor,
    doors,
    explain,
    imports,
    user_history,
    users,
)
from live_agent.cli.drift import show_drift
from live_agent.cli.means import PACKAGE, load_settings
from live_agent.cli.migration import commands as migration
from live_agent.cli.serve import serve
from live_agent.settings import Settings

cli = typer.Typer(
    name="live-agent",
    help="Live Agent: the desk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
database = typer.Typer(help="The database and its tables.", no_args_is_help=True)
cli.add_typer(database, name="database")
cli.add_typer(migration, name="migration")
cli.add_typer(accounts.commands, name="accounts")
cli.add_typer(users.commands, name="users")
cli.add_typer(conflicts.commands, name="conflicts")
cli.add_typer(audit.commands, name="audit")
cli.add_typer(imports.commands, name="import")
cli.command("drift")(show_drift)
cli.command("doctor")(doctor.examine)
cli.command("explain")(explain.explain)
users.commands.command("history")(user_history.history)
users.commands.command("put-back")(user_history.put_back)
cli.command("doors", help=doors.HELP)(doors.show)
cli.command("break-glass", help=break_glass.HELP)(break_glass.make)
cli.command("serve", help="Serve until SIGTERM or Ctrl-C.")(serve)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


add_backup(cli, live_agent.cli.means.installation)


@cli.command("settings")
def settings(json: Json = False) -> None:
    """Every key of the environment, with its meaning."""
    groups = keys_by_group(Settings)
    if json:
        print_json([_as_json(group, key) for group, members in groups for key in members])
        return
    for group, members in groups:
        rows = [(key.name, key.meaning, _default(key)) for key in members]
        print_table(group, ("Key", "Meaning", "Default"), rows)


@database.command("upgrade")
def upgrade() -> None:
    """Bring the tables to the version of this program; safe to run twice and at once."""
    url = load_settings().database_address()
    before, after = migrations.upgrade(url, PACKAGE)
    repaired = run(_repair(url))
    if before == after:
        print_line(f"The database is at version {after} already.")
    else:
        print_line(f"The database is at version {after} now (before: {before or 'no tables'}).")
    if repaired:
        print_line(f"Made ready for the list of agents: {repaired} people.")


async def _repair(url: str) -> int:
    opened = await open_database(url, pool_size=1)
    try:
        return await keys.repair(opened)
    finally:
        await opened.close()


def _as_json(group: str, key: Key) -> dict[str, object]:
    return {
        "key": key.name,
        "group": group,
        "meaning": key.meaning,
        "default": key.default,
        "required": key.required,
    }


def _default(key: Key) -> str:
    return "required" if key.required else key.default


cli.command("lint")(live_agent.cli.lint.lint)
