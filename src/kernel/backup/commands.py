"""`backup`, `restore` and `verify` on a system's command line."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from kernel import cli
from kernel.backup import actions
from kernel.backup.actions import Installation
from kernel.backup.archive import BackupError, Contents
from kernel.clock import SystemClock
from kernel.db import open_database
from kernel.migrations import check_same_schema

File = Annotated[
    Path, typer.Argument(help="The backup. A file that is there is never written over.")
]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def add_backup(to: typer.Typer, installation_of: Callable[[], Installation]) -> None:
    """The three commands; `installation_of` reads the environment."""

    @to.command("backup")
    def backup(file: File, json: Json = False) -> None:  # noqa: FBT002 - typer: a switch
        """Write everything in the database to a file, while servers go on."""
        installation = installation_of()
        now = SystemClock().now()

        async def work() -> Contents:
            await _check(installation)
            return await actions.back_up(installation, file, now)

        _tell("Backed up", file, _done(work()), json=json)

    @to.command("restore")
    def restore(file: File, json: Json = False) -> None:  # noqa: FBT002
        """Fill an empty, migrated database from a backup: everything or nothing."""
        installation = installation_of()

        async def work() -> Contents:
            await _check(installation)
            return await actions.restore(installation, file)

        contents = _done(work())
        _tell("Restored", file, contents, json=json)
        _warn(installation, contents)

    @to.command("verify")
    def verify(file: File, json: Json = False) -> None:  # noqa: FBT002
        """Is a backup whole, unchanged, and readable with the secrets of this environment?"""
        installation = installation_of()

        async def work() -> Contents:
            return actions.verify(installation, file)

        contents = _done(work())
        _tell("In order", file, contents, json=json)
        _warn(installation, contents)


async def _check(installation: Installation) -> None:
    database = await open_database(installation.url, pool_size=1)
    try:
        # what a newer program added would be missing in the backup
        await check_same_schema(database, installation.package, installation.command)
    finally:
        await database.close()


def _done(work: Coroutine[Any, Any, Contents]) -> Contents:
    try:
        return cli.run(work)
    except BackupError as error:
        cli.fail(str(error))


def _tell(what: str, file: Path, contents: Contents, *, json: bool) -> None:
    header = contents.header
    if json:
        cli.print_json(
            {
                "file": str(file),
                "system": header.system,
                "schema": header.schema,
                "made_at": header.made_at,
                "keys": header.keys,
                "rows": contents.rows,
            }
        )
        return
    total = sum(contents.rows.values())
    cli.print_line(f"{what}: {file}, {total} rows of {header.system}, made at {header.made_at}.")
    cli.print_line(f"Schema {header.schema}. Keys that it needs: {', '.join(header.keys)}.")


def _warn(installation: Installation, contents: Contents) -> None:
    for key in actions.missing_keys(installation, contents):
        cli.print_line(
            f"Note: the key {key} was in SECRET_KEY_BASE_PREVIOUS at that time and is not here. "
            "What is sealed with it cannot be read."
        )
