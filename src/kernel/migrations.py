"""Schema versions: which one the code needs, which one a database has, and how to get there.

Alembic runs the migrations of `<package>.db.migrations`; only the upgrade imports it, so that a
server process does not carry it.
"""

import asyncio
import sqlite3
from importlib import resources
from pathlib import Path

import asyncpg
from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text

from kernel.db import Database

UPGRADE_LOCK = 7_203_114_002  # any number, the same in every process: one upgrade at a time
SQLITE_WAIT_SECONDS = 30

_version = Table("alembic_version", MetaData(), Column("version_num", String(32)))


VERSION = select(_version.c.version_num)


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


async def check_schema(database: Database, package: str, command: str) -> None:
    """Raise SchemaMismatch unless the database is exactly at the version of this code."""
    found = await find_version(database)
    known = known_versions(package)
    if found == known[-1]:
        return
    if found is None:
        raise SchemaMismatch(f"The database has no tables yet. Run: {command} database upgrade")
    if found in known:
        raise SchemaMismatch(
            f"The database is at version {found}, this program needs {known[-1]}. "
            f"Run: {command} database upgrade"
        )
    raise SchemaMismatch(
        f"The database is at version {found}, which is newer than this program ({known[-1]}). "
        f"Start the newer program, or restore the backup made before `{command} database upgrade`."
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

    config = Config()
    config.set_main_option("script_location", str(_folder(package)))
    config.attributes["connection"] = connection
    before = _version_of(connection)
    command.upgrade(config, "head")
    after = _version_of(connection)
    assert after is not None
    return before, after


def _version_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(select(_version.c.version_num)).scalar()
    return None if found is None else str(found)


def _folder(package: str) -> Path:
    return Path(str(resources.files(package))) / "db" / "migrations"
