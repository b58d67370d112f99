"""Rows out of a database and into one, each in one transaction of its own connection."""

import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from sqlalchemy import Table
from sqlalchemy.sql.base import Executable

from kernel.backup.archive import BackupError, Values
from kernel.compiler import compiler_of_postgres, compiler_of_sqlite

PAGE = 1000
PREFIX = "sqlite:///"


class Source(Protocol):
    """One moment of a database."""

    def rows(self, table: Table) -> AsyncIterator[Values]: ...
    async def sequences(self, tables: Sequence[Table]) -> dict[str, int]: ...


class Target(Protocol):
    """An open transaction of a database that is to be filled."""

    async def count(self, table: Table) -> int: ...
    async def insert(self, table: Table, columns: list[str], rows: Iterator[Values]) -> None: ...
    async def set_sequences(self, sequences: dict[str, int]) -> None: ...
    async def execute(self, statement: Executable) -> None: ...


def engine_of(url: str) -> str:
    return "sqlite" if url.startswith(PREFIX) else "postgresql"


@asynccontextmanager
async def snapshot(url: str, folder: Path) -> AsyncIterator[Source]:
    """The database at one moment, whatever is written meanwhile; SQLite's copy lies in `folder`."""
    if engine_of(url) == "sqlite":
        with _copy(Path(url.removeprefix(PREFIX)), folder) as copy:
            yield _SQLiteSource(copy)
        return
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield _PostgresSource(connection)
    finally:
        await connection.close()


@asynccontextmanager
async def filling(url: str) -> AsyncIterator[Target]:
    """Everything or nothing."""
    if engine_of(url) == "sqlite":
        with closing(sqlite3.connect(url.removeprefix(PREFIX), isolation_level=None)) as raw:
            raw.execute("PRAGMA synchronous = FULL")
            raw.execute("BEGIN EXCLUSIVE")
            raw.execute("PRAGMA defer_foreign_keys = ON")
            yield _SQLiteTarget(raw)
            raw.execute("COMMIT")  # closed without it, it is undone
        return
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            yield _PostgresTarget(connection)
    finally:
        await connection.close()


def columns_of(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _counted(tables: Sequence[Table]) -> Iterator[tuple[Table, str]]:
    """Tables whose rows the database numbers."""
    for table in tables:
        column = table.autoincrement_column
        if column is not None and column.autoincrement is True:
            yield table, column.name


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


@contextmanager
def _copy(path: Path, folder: Path) -> Iterator[sqlite3.Connection]:
    with (
        tempfile.NamedTemporaryFile(dir=folder, prefix=".backup-") as file,  # readable by us alone
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(file.name)) as copy,
    ):
        source.backup(copy)
        yield copy


class _SQLiteSource:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def rows(self, table: Table) -> AsyncIterator[Values]:
        sql = f'SELECT {_names(columns_of(table))} FROM "{table.name}"'  # noqa: S608 - our tables
        for row in self._connection.execute(sql):
            yield list(row)

    async def sequences(self, tables: Sequence[Table]) -> dict[str, int]:
        found = {}
        for table, column in _counted(tables):
            sql = f'SELECT max("{column}") FROM "{table.name}"'  # noqa: S608
            found[f"{table.name}.{column}"] = self._connection.execute(sql).fetchone()[0] or 0
        return found


class _PostgresSource:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def rows(self, table: Table) -> AsyncIterator[Values]:
        sql = f'SELECT {_names(columns_of(table))} FROM "{table.name}"'  # noqa: S608
        async for record in self._connection.cursor(sql, prefetch=PAGE):
            yield list(record)

    async def sequences(self, tables: Sequence[Table]) -> dict[str, int]:
        found = {}
        for table, column in _counted(tables):
            sequence = await _sequence(self._connection, table.name, column)
            row = await self._connection.fetchrow(
                f"SELECT last_value, is_called FROM {sequence}"  # noqa: S608
            )
            found[f"{table.name}.{column}"] = row["last_value"] if row["is_called"] else 0
        return found


class _SQLiteTarget:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def count(self, table: Table) -> int:
        sql = f'SELECT count(*) FROM "{table.name}"'  # noqa: S608
        return int(self._connection.execute(sql).fetchone()[0])

    async def insert(self, table: Table, columns: list[str], rows: Iterator[Values]) -> None:
        marks = ", ".join("?" * len(columns))
        sql = f'INSERT INTO "{table.name}" ({_names(columns)}) VALUES ({marks})'  # noqa: S608
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise BackupError(f"{table.name} does not take its rows: {error}.") from error

    async def set_sequences(self, sequences: dict[str, int]) -> None:
        """SQLite goes on after the highest number by itself."""

    async def execute(self, statement: Executable) -> None:
        sql, values = compiler_of_sqlite()(statement, {})
        self._connection.execute(sql, values)


class _PostgresTarget:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def count(self, table: Table) -> int:
        sql = f'SELECT count(*) FROM "{table.name}"'  # noqa: S608
        return int(await self._connection.fetchval(sql))

    async def insert(self, table: Table, columns: list[str], rows: Iterator[Values]) -> None:
        try:
            await self._connection.copy_records_to_table(table.name, records=rows, columns=columns)
        except (asyncpg.PostgresError, asyncpg.DataError, TypeError) as error:
            raise BackupError(f"{table.name} does not take its rows: {error}.") from error

    async def set_sequences(self, sequences: dict[str, int]) -> None:
        for name, value in sequences.items():
            if value > 0:
                sequence = await _sequence(self._connection, *name.split("."))
                await self._connection.execute(f"SELECT setval('{sequence}', {value})")

    async def execute(self, statement: Executable) -> None:
        sql, values = compiler_of_postgres()(statement, {})
        await self._connection.execute(sql, *values)


async def _sequence(connection: Any, table: str, column: str) -> str:
    """Its name with its schema, quoted as PostgreSQL has it."""
    return str(await connection.fetchval("SELECT pg_get_serial_sequence($1, $2)", table, column))
