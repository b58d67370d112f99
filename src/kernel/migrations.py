"""Schema versions: which one the code needs, which one a database has, and how to get there.

Migrations expand, so a program also runs on a newer database, unless a migration it does not know
says `oldest_program = "0007"`: the upgrade keeps the largest of these beside the version.

Alembic runs the migrations of `<package>.db.migrations`; only the upgrade imports it, so that a
server process does not carry it.
"""

import asyncio
import sqlite3
from importlib import resources
from pathlib import Path

import asyncpg
import structlog
from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text, update

from kernel.db import Database

UPGRADE_LOCK = 7_203_114_002  # any number, the same in every process: one upgrade at a time
SQLITE_WAIT_SECONDS = 30

log = structlog.get_logger()

# Alembic reads and writes the first column only; the second one is ours.
_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32)),
    Column("oldest_program", String(32)),
)

VERSION = select(_version.c.version_num)
OLDEST_PROGRAM = select(_version.c.oldest_program)
NO_SUCH_COLUMN = (asyncpg.UndefinedColumnError, sqlite3.OperationalError)


class SchemaMismatch(Exception):  # noqa: N818 - what it says, not what kind of thing it is
    """The database does not fit the code; the message names the command that mends it."""


def known_versions(package: str) -> list[str]:
    """Revision ids in order, from the file names `0001_what_it_does.py`."""
    folder = _folder(package) / "versions"
    return sorted(path.name.split("_")[0] for path in folder.glob("[0-9]*_*.py"))


async def find_version(database: Database) -> str | None:
    """What the database is at; None if it has no tables."""
    try:
        row = await database.one(VERSION)
    except (asyncpg.UndefinedTableError, sqlite3.OperationalError):
        return None
    return None if row is None else str(row["version_num"])


async def runs_on(database: Database, found: str, known: list[str]) -> bool:
    """Does every migration that this program does not know let it run?"""
    try:
        row = await database.one(OLDEST_PROGRAM)
    except NO_SUCH_COLUMN:
        return False
    oldest = None if row is None else row["oldest_program"]
    return found > known[-1] and oldest is not None and known[-1] >= oldest


async def check_schema(database: Database, package: str, command: str) -> None:
    """Raise SchemaMismatch unless this code can work with the database as it is."""
    found, known = await find_version(database), known_versions(package)
    if found is None or found in known:
        await check_same_schema(database, package, command)
    elif await runs_on(database, found, known):
        log.warning("database_is_newer", database=found, program=known[-1])
    else:
        raise _too_new(found, known[-1], command)


async def check_same_schema(database: Database, package: str, command: str) -> None:
    """Raise SchemaMismatch unless the database is exactly at the version of this code."""
    found, known = await find_version(database), known_versions(package)
    if found == known[-1]:
        return
    if found is None:
        raise SchemaMismatch(f"The database has no tables yet. Run: {command} database upgrade")
    if found in known:
        raise SchemaMismatch(
            f"The database is at version {found}, this program needs {known[-1]}. "
            f"Run: {command} database upgrade"
        )
    raise _too_new(found, known[-1], command)


def _too_new(found: str, newest: str, command: str) -> SchemaMismatch:
    return SchemaMismatch(
        f"The database is at version {found}, which is newer than this program ({newest}) "
        f"can work with. Start the newer program, or restore the backup made before "
        f"`{command} database upgrade`."
    )


def upgrade(url: str, package: str) -> tuple[str | None, str]:
    """Bring the database to the version of this code; returns the version before and after.

    Safe to run twice and from several places at once: the second one waits and finds nothing to do.
    """
    if url.startswith("sqlite:///"):
        return _upgrade_sqlite(url, package)
    return asyncio.run(_upgrade_postgres(url, package))


def _upgrade_sqlite(url: str, package: str) -> tuple[str | None, str]:
    from sqlalchemy import create_engine, event  # noqa: PLC0415 - see the module's docstring

    Path(url.removeprefix("sqlite:///")).touch(mode=0o600)
    engine = create_engine(url, connect_args={"timeout": SQLITE_WAIT_SECONDS})
    # The driver must not open its own transactions: DDL would be committed piece by piece.
    event.listen(engine, "connect", lambda raw, _record: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            return _run(connection, package)
    finally:
        engine.dispose()


async def _upgrade_postgres(url: str, package: str) -> tuple[str | None, str]:
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    async def connect() -> object:
        return await asyncpg.connect(url)

    # asyncpg parses the address itself, so that one DATABASE_URL means the same everywhere.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            lock = text("SELECT pg_advisory_xact_lock(:lock)")
            await connection.execute(lock, {"lock": UPGRADE_LOCK})
            return await connection.run_sync(_run, package)
    finally:
        await engine.dispose()


def _run(connection: Connection, package: str) -> tuple[str | None, str]:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_folder(package)))
    config.attributes["connection"] = connection
    before = _version_of(connection)
    if before is not None and before > known_versions(package)[-1]:
        return before, before  # a newer program was here: a chart's rollback runs this again
    command.upgrade(config, "head")
    after = _version_of(connection)
    assert after is not None
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    declared = [getattr(script.module, "oldest_program", "") for script in scripts]
    _keep_oldest_program(connection, max(declared))
    return before, after


def _keep_oldest_program(connection: Connection, oldest: str) -> None:
    columns = inspect(connection).get_columns(_version.name)
    if _version.c.oldest_program.name not in {column["name"] for column in columns}:
        connection.execute(
            text("ALTER TABLE alembic_version ADD COLUMN oldest_program VARCHAR(32)")
        )
    connection.execute(update(_version).values(oldest_program=oldest))


def _version_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(select(_version.c.version_num)).scalar()
    return None if found is None else str(found)


def _folder(package: str) -> Path:
    return Path(str(resources.files(package))) / "db" / "migrations"
