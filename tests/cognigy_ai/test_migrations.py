"""The tables that the migrations make are those that the code describes."""

import asyncio
import sqlite3

import asyncpg
import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from cognigy_ai.db.tables import metadata
from kernel import migrations
from kernel.db import open_database
from support.databases import Databases

PACKAGE, COMMAND = "cognigy_ai", "cognigy-ai"


def _difference(connection) -> list[object]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_migrated_tables_are_the_described_ones(database_url: str, engine: str) -> None:
    if engine == "sqlite":
        sync = create_engine(database_url)
        with sync.connect() as connection:
            assert _difference(connection) == []
        sync.dispose()
        return
    pg = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(database_url),
        poolclass=NullPool,
    )
    async with pg.connect() as connection:
        assert await connection.run_sync(_difference) == []
    await pg.dispose()


async def test_an_upgrade_that_runs_twice_changes_nothing(
    databases: Databases, engine: str
) -> None:
    url = databases.empty(engine)
    newest = migrations.known_versions(PACKAGE)[-1]
    newest = migrations.known_versions(PACKAGE)[-1]
    assert await asyncio.to_thread(migrations.upgrade, url, PACKAGE) == (None, newest)
    assert await asyncio.to_thread(migrations.upgrade, url, PACKAGE) == (newest, newest)


async def test_an_empty_database_is_refused_with_the_command(
    databases: Databases, engine: str
) -> None:
    database = await open_database(databases.empty(engine))
    with pytest.raises(migrations.SchemaMismatch, match="Run: cognigy-ai database upgrade"):
        await migrations.check_schema(database, PACKAGE, COMMAND)
    await database.close()


async def test_a_newer_database_that_excludes_this_program_is_refused(
    database_url: str, engine: str
) -> None:
    statement = "UPDATE alembic_version SET version_num = '9999', oldest_program = '9998'"
    if engine == "sqlite":
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)
        connection.close()
    else:
        raw = await asyncpg.connect(database_url)
        await raw.execute(statement)
        await raw.close()
    database = await open_database(database_url)
    with pytest.raises(migrations.SchemaMismatch, match="newer than this program"):
        await migrations.check_schema(database, PACKAGE, COMMAND)
    await database.close()


def test_every_table_has_a_primary_key(databases: Databases) -> None:
    sync = create_engine(databases.fresh("sqlite", PACKAGE))
    inspector = inspect(sync)
    for table in metadata.tables:
        assert inspector.get_pk_constraint(table)["constrained_columns"]
    sync.dispose()


BYTEWISE = {("audit_events", "event"), ("user_words", "word"), ("users", "name_key")}


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_what_is_read_as_a_range_is_compared_byte_by_byte(database_url: str) -> None:
    """A database may have a language's order, in which "user/" is not behind "user.zzz".

    The PostgreSQL of the tests has no other order than "C" and "POSIX", so the catalog is asked.
    """
    raw = await asyncpg.connect(database_url)
    rows = await raw.fetch(
        "SELECT c.relname AS relation, a.attname AS name FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'"
        " JOIN pg_collation o ON o.oid = a.attcollation AND o.collname = 'C'"
        " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
    )
    await raw.close()
    assert {(row["relation"], row["name"]) for row in rows} == BYTEWISE
