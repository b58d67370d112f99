"""`backup`, `restore` and `verify`: one function for each, for either system."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import MetaData, Table
from sqlalchemy.sql.base import Executable

from kernel.backup import archive, rows
from kernel.backup.archive import FORMAT, BackupError, Contents, Header, Writer
from kernel.clock import utc_text
from kernel.keyring import KeyRing
from kernel.migrations import known_versions


@dataclass(frozen=True, slots=True)
class Installation:
    """What a backup is made of, or restored into. `command` is its command line, for texts.

    `afterwards`: statements that end a restore, because other systems did not go back in time.
    """

    package: str
    command: str
    url: str
    keyring: KeyRing
    metadata: MetaData
    afterwards: Sequence[Executable] = ()

    @property
    def schema(self) -> str:
        return known_versions(self.package)[-1]

    @property
    def tables(self) -> Sequence[Table]:
        """In an order in which no row names one that comes later."""
        return self.metadata.sorted_tables


async def back_up(installation: Installation, path: Path, now: int) -> Contents:
    """Write the database as it is at this moment; servers may go on meanwhile."""
    folder = _folder_of(path)
    tables = installation.tables
    async with rows.snapshot(installation.url, folder) as source:
        header = Header(
            format=FORMAT,
            system=installation.package,
            schema=installation.schema,
            engine=rows.engine_of(installation.url),
            made_at=utc_text(now),
            keys=installation.keyring.ids(),
            tables=[table.name for table in tables],
            sequences=await source.sequences(tables),
        )
        with Writer(path, header, installation.keyring) as writer:
            for table in tables:
                writer.table(table.name, rows.columns_of(table))
                async for values in source.rows(table):
                    writer.row(values)
    return Contents(header, writer.rows)


def _folder_of(path: Path) -> Path:
    folder = path.absolute().parent
    if not folder.is_dir():
        raise BackupError(f"The folder {folder} is not there.")
    return folder


def verify(installation: Installation, path: Path) -> Contents:
    """Is it whole, of this system, and readable with our secrets? Raises BackupError if not."""
    contents = archive.check(path, installation.keyring)
    system = contents.header.system
    if system != installation.package:
        other = system.replace("_", "-")
        raise BackupError(f"{path} is a backup of {other}. Use `{other}` with it.")
    return contents


def missing_keys(installation: Installation, contents: Contents) -> list[str]:
    """Earlier secrets of that time that are not configured here."""
    ours = installation.keyring.ids()
    return [key for key in contents.header.keys if key not in ours]


async def restore(installation: Installation, path: Path) -> Contents:
    """Fill the empty, migrated database: everything or nothing. Raises BackupError."""
    contents = verify(installation, path)
    header = contents.header
    if header.schema != installation.schema:
        raise BackupError(
            f"{path} has the tables of version {header.schema}, this program those of "
            f"{installation.schema}. Restore it with the program of that time, then upgrade."
        )
    known = {table.name: table for table in installation.tables}
    async with rows.filling(installation.url) as target:
        for table in installation.tables:
            there = await target.count(table)
            if there:
                raise BackupError(
                    f"The database is not empty ({table.name}: {there}). Make a new one, run `"
                    f"{installation.command} database upgrade`, restore before a server starts."
                )
        for name, columns, values in archive.tables_of(path):
            await target.insert(known[name], columns, values)
        await target.set_sequences(header.sequences)
        for statement in installation.afterwards:
            await target.execute(statement)
    return contents
