"""The `cognigy-ai` command line: every group of commands, and those that stand alone.

What only one command needs, and is slow to load, is loaded there.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cognigy_ai.cli import api_keys, audit, clients, keys, organisations, roles, signals, users
from cognigy_ai.cli.means import PACKAGE, Means, do, installation, load_settings
from cognigy_ai.db import restored
from cognigy_ai.settings import Settings
from kernel import migrations
from kernel.backup.commands import add_backup
from kernel.cli import print_json, print_line, print_table, run
from kernel.db import open_database
from kernel.log import configure

if TYPE_CHECKING:
    from cognigy_ai.users.keys import Repaired
    from kernel.web.help import Key

cli = typer.Typer(
    name="cognigy-ai",
    help="Cognigy.AI: the platform and authorization server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
database = typer.Typer(help="The database and its tables.", no_args_is_help=True)
cli.add_typer(database, name="database")
cli.add_typer(organisations.commands, name="organisations")
cli.add_typer(users.commands, name="users")
cli.add_typer(roles.commands, name="roles")
cli.add_typer(clients.commands, name="clients")
cli.add_typer(keys.commands, name="keys")
cli.add_typer(api_keys.commands, name="api-keys")
cli.add_typer(audit.commands, name="audit")
cli.add_typer(signals.commands, name="signals")
add_backup(cli, installation)


@cli.command("serve")
def serve() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    from cognigy_ai.cli import serve as server  # noqa: PLC0415

    server.serve()


@cli.command("apply")
def apply(
    file: Annotated[Path, typer.Argument(help="YAML: organisations, users, clients.")],
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Make organisations, users and clients as the file says; safe to run again."""
    from cognigy_ai.cli.apply import apply_file  # noqa: PLC0415

    apply_file(file, json=json)


@cli.command("settings")
def settings(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Every key of the environment, with its meaning."""
    from kernel.web.help import keys_by_group  # noqa: PLC0415

    groups = keys_by_group(Settings)
    if json:
        print_json([_as_json(group, key) for group, members in groups for key in members])
        return
    for group, members in groups:
        rows = [(key.name, key.meaning, _default(key)) for key in members]
        print_table(group, ("Key", "Meaning", "Default"), rows)


@database.command("upgrade")
def upgrade(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Bring the tables to the version of this program; safe to run twice and at once.

    Then people who were there before are made ready for search and lists, some hundreds at a time:
    servers of both versions go on meanwhile. Stopped in between, it goes on when it is run again.
    """
    url = load_settings().database_address()
    configure("error")
    before, after = migrations.upgrade(url, PACKAGE)
    repaired = run(_repair(url))
    if json:
        print_json(
            {
                "before": before,
                "after": after,
                "changed": before != after,
                "people_repaired": repaired.people,
                "roles_repaired": repaired.roles,
            }
        )
        return
    if before == after:
        print_line(f"The database is at version {after} already.")
    else:
        print_line(f"The database is at version {after} now (before: {before or 'no tables'}).")
    if repaired.people or repaired.roles:
        print_line(f"Made ready for lists: {repaired.people} people, {repaired.roles} roles.")


@database.command("after-restore")
def after_restore(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """After the database was put back with other tools than `restore`: before a server starts.

    Live Agent remembers who lost access since, and believes nothing that is older than what it
    knows: everybody's revision of access is raised above that. Safe to run twice.
    """

    async def work(means: Means) -> None:
        async with means.database.transaction() as tx:
            await restored.raise_revisions(tx, means.now)

    do(work)
    if json:
        print_json({"raised": True})
        return
    print_line("Whatever Cognigy.AI tells from now on is newer than what Live Agent knows.")


async def _repair(url: str) -> "Repaired":
    from cognigy_ai.users import keys as users_keys  # noqa: PLC0415

    opened = await open_database(url, pool_size=1)
    try:
        return await users_keys.repair(opened)
    finally:
        await opened.close()


def _as_json(group: str, key: "Key") -> dict[str, object]:
    return {
        "key": key.name,
        "group": group,
        "meaning": key.meaning,
        "default": key.default,
        "required": key.required,
    }


def _default(key: "Key") -> str:
    return "required" if key.required else key.default
