"""Databases and transactions. Nothing else in the project commits.

SQLAlchemy Core describes tables and statements; this module compiles a statement once per engine
and hands it to the driver: asyncpg (prepared statements, its own pool) or sqlite3. For a login's
statements that costs about half of running them through SQLAlchemy's engine.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from sqlalchemy.sql.base import Executable

from kernel.compiler import compiler_of_postgres, compiler_of_sqlite
from kernel.db_faults import UNAVAILABLE_CODES, postgres_faults
from kernel.db_faults import DatabaseUnavailable as DatabaseUnavailable
from kernel.db_faults import UniqueViolation as UniqueViolation
from kernel.news import News

Row = Mapping[str, Any]

BUSY_ATTEMPTS = 200
BUSY_PAUSE_SECONDS = 0.025  # 200 attempts: five seconds of waiting for another process's lock
COMMAND_TIMEOUT_SECONDS = 15
CONNECT_TIMEOUT_SECONDS = 5
POOL_SIZE = 10


class Tx(Protocol):
    """An open transaction. Statements are written once, at module level, with `bindparam`s."""

    async def one(self, statement: Executable, **values: object) -> Row | None:
        """The first row, or None."""
        ...

    async def all(self, statement: Executable, **values: object) -> list[Row]:
        """Every row."""
        ...

    def tell(self, topic: str) -> None:
        """Something is new for whoever reads this topic: said after the commit, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Connections:
    """How many there are, of at most how many."""

    used: int
    idle: int
    most: int


class Postgres(News):
    """One pool per process. A second claim of a row waits for the first and then finds it gone."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        super().__init__()
        self._pool = pool
        self._compile = compiler_of_postgres()
        self.statements = 0
        self.transactions = 0

    @property
    def connections(self) -> Connections:
        """The pool as it is now; takes no lock."""
        size, idle = self._pool.get_size(), self._pool.get_idle_size()
        return Connections(size - idle, idle, self._pool.get_max_size())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Commits at the end of the block, rolls back when it is left by an exception."""
        with postgres_faults():
            connection: Any = await self._pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS)
            try:
                async with connection.transaction():
                    self.transactions += 1
                    tx = PostgresTx(connection, self)
                    yield tx
            finally:
                await self._pool.release(connection)
        self.tell_all(tx.told)

    async def one(self, statement: Executable, **values: object) -> Row | None:
        """A single statement is its own transaction, without BEGIN and COMMIT on the wire."""
        with postgres_faults():
            connection: Any = await self._pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS)
            try:
                self.transactions += 1
                return await PostgresTx(connection, self).one(statement, **values)
            finally:
                await self._pool.release(connection)

    async def all(self, statement: Executable, **values: object) -> list[Row]:
        """As `one`, with every row."""
        with postgres_faults():
            connection: Any = await self._pool.acquire(timeout=CONNECT_TIMEOUT_SECONDS)
            try:
                self.transactions += 1
                return await PostgresTx(connection, self).all(statement, **values)
            finally:
                await self._pool.release(connection)

    def compiled(self, statement: Executable, values: dict[str, object]) -> tuple[str, list[Any]]:
        self.statements += 1
        return self._compile(statement, values)

    async def close(self) -> None:
        await self._pool.close()


class PostgresTx:
    """Statements on one connection."""

    def __init__(self, connection: Any, database: Postgres) -> None:
        self._connection, self._database = connection, database
        self.told: list[str] = []

    def tell(self, topic: str) -> None:
        self.told.append(topic)

    async def one(self, statement: Executable, **values: object) -> Row | None:
        sql, parameters = self._database.compiled(statement, values)
        with postgres_faults():
            row: Row | None = await self._connection.fetchrow(sql, *parameters)
        return row

    async def all(self, statement: Executable, **values: object) -> list[Row]:
        sql, parameters = self._database.compiled(statement, values)
        with postgres_faults():
            return list(await self._connection.fetch(sql, *parameters))


class SQLite(News):
    """The embedded default, one process: statements run in the calling thread, 10-30 us each."""

    def __init__(self, path: str) -> None:
        super().__init__()
        if path != ":memory:":
            # People's names and password digests: for the owner's eyes, whatever the umask.
            Path(path).touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        self._connection.row_factory = sqlite3.Row
        self._compile = compiler_of_sqlite()
        self._turn = asyncio.Lock()
        self._owner: asyncio.Task[Any] | None = None
        self.statements = 0
        self.transactions = 0

    async def prepare(self) -> None:
        """Before the first statement; another process that opens the file too is waited for."""
        await self._patiently("PRAGMA journal_mode = WAL")
        await self._patiently("PRAGMA synchronous = FULL")  # a commit survives a power cut
        await self._patiently("PRAGMA foreign_keys = ON")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Commits at the end of the block, rolls back when it is left by an exception."""
        async with self._my_turn():
            # The write lock at BEGIN: upgrading a read lock fails with "database is locked".
            await self._patiently("BEGIN IMMEDIATE")
            self.transactions += 1
            tx = SQLiteTx(self)
            try:
                yield tx
                await self._patiently("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        self.tell_all(tx.told)

    async def one(self, statement: Executable, **values: object) -> Row | None:
        """A single statement is its own transaction."""
        rows = await self.all(statement, **values)
        return rows[0] if rows else None

    async def all(self, statement: Executable, **values: object) -> list[Row]:
        """As `one`, with every row."""
        async with self._my_turn():
            self.transactions += 1
            sql, parameters = self.compiled(statement, values)
            return await self._patiently(sql, parameters)

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        task = asyncio.current_task()
        if self._owner is not None and self._owner is task:
            raise RuntimeError("a statement outside the transaction that this task has open")
        async with self._turn:
            self._owner = task
            try:
                yield
            finally:
                self._owner = None

    async def _patiently(self, sql: str, parameters: list[Any] | None = None) -> list[Row]:
        """Another process may hold the lock: wait in asyncio, never inside sqlite3."""
        for attempt in range(BUSY_ATTEMPTS):
            try:
                return self.run(sql, parameters or [])
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in (
                    sqlite3.SQLITE_BUSY,
                    sqlite3.SQLITE_LOCKED,
                ):
                    raise
                if attempt == BUSY_ATTEMPTS - 1:
                    raise DatabaseUnavailable("SQLITE_BUSY") from error
                await asyncio.sleep(BUSY_PAUSE_SECONDS)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def compiled(self, statement: Executable, values: dict[str, object]) -> tuple[str, list[Any]]:
        self.statements += 1
        return self._compile(statement, values)

    def run(self, sql: str, parameters: list[Any]) -> list[Row]:
        try:
            return list(self._connection.execute(sql, parameters))
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorname in (
                "SQLITE_CONSTRAINT_UNIQUE",
                "SQLITE_CONSTRAINT_PRIMARYKEY",
            ):
                raise UniqueViolation(str(error)) from error
            raise
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in UNAVAILABLE_CODES:
                raise DatabaseUnavailable(error.sqlite_errorname) from error
            raise

    async def close(self) -> None:
        self._connection.close()


class SQLiteTx:
    """Statements inside the open transaction."""

    def __init__(self, database: SQLite) -> None:
        self._database = database
        self.told: list[str] = []

    def tell(self, topic: str) -> None:
        self.told.append(topic)

    async def one(self, statement: Executable, **values: object) -> Row | None:
        rows = await self.all(statement, **values)
        return rows[0] if rows else None

    async def all(self, statement: Executable, **values: object) -> list[Row]:
        sql, parameters = self._database.compiled(statement, values)
        return self._database.run(sql, parameters)


Database = Postgres | SQLite


async def _keep_as_it_is(_connection: object) -> None:
    """Nothing here leaves a trace on a connection: locks are of transactions, no cursor outlives
    one, nothing is SET. Asking the server to reset all that was 9 % of a login.
    """


async def open_database(url: str, pool_size: int = POOL_SIZE) -> Database:
    """`sqlite:///path` or `postgresql://...`; raises DatabaseUnavailable if it does not answer."""
    if url.startswith("sqlite:///"):
        database = SQLite(url.removeprefix("sqlite:///"))
        await database.prepare()
        return database
    with postgres_faults():
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=pool_size,
            timeout=CONNECT_TIMEOUT_SECONDS,
            command_timeout=COMMAND_TIMEOUT_SECONDS,
            reset=_keep_as_it_is,
            server_settings={"application_name": f"live-agent-login-{os.getpid()}"},
        )
        return Postgres(pool)
