"""A PostgreSQL database that a test used becomes as new for the next one.

A copy of the template costs a quarter of a second on a busy machine: hundreds of files, and two
checkpoints. To delete the few rows of a test costs some milliseconds.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")

# Far more than the rows of a test take: dead rows would slow the tests that follow.
LARGEST_BYTES = 40_000_000
# A change of any table, index, key, trigger or function leaves a newer transaction id here.
CATALOGUES = ("class", "attribute", "attrdef", "constraint", "index", "trigger", "proc")
SHAPE = "SELECT count(*), max(id) FROM ({}) AS ids".format(
    " UNION ALL ".join(f"SELECT xmin::text::bigint AS id FROM pg_{name}" for name in CATALOGUES)
)
TABLES = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
SEQUENCES = "SELECT quote_ident(sequencename), start_value FROM pg_sequences"
OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Newness:
    """What a database of one package is like before its first use."""

    shape: tuple[int, int]
    empty: str  # the statements that delete whatever is there
    rows: tuple[tuple[str, str], ...]  # tables that the migrations fill, with their rows as JSON


def newness_of(url: str) -> Newness:
    """Read it from the template."""
    return _in_thread(_newness_of(url))


def renew(url: str, newness: Newness) -> bool:
    """Whether the database is as new; False if a test changed its tables or made it large."""
    try:
        return _in_thread(_renew(url, newness))
    except asyncpg.PostgresError:  # the test removed it, or let nobody in
        return False


async def _newness_of(url: str) -> Newness:
    connection = await asyncpg.connect(url)
    try:
        tables = [name for (name,) in await connection.fetch(TABLES)]
        statements = [f"DELETE FROM {table}" for table in tables]
        for sequence, start in await connection.fetch(SEQUENCES):
            statements.append(f"SELECT setval('{sequence}', {start}, false)")
        rows = {
            table: await connection.fetchval(f"SELECT json_agg(t)::text FROM {table} AS t")
            for table in tables
        }
        filled = tuple((table, found) for table, found in rows.items() if found)
        return Newness(await _shape(connection), "; ".join(statements), filled)
    finally:
        await connection.close()


async def _renew(url: str, newness: Newness) -> bool:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(OTHERS)
        if await _shape(connection) != newness.shape:
            return False
        if await connection.fetchval(
            "SELECT pg_database_size(current_database()) > $1", LARGEST_BYTES
        ):
            return False
        # neither foreign keys nor the triggers that guard the audit log
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(newness.empty)
        for table, rows in newness.rows:
            await connection.execute(
                f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1)",
                rows,
            )
        return True
    finally:
        await connection.close()


async def _shape(connection: asyncpg.Connection) -> tuple[int, int]:
    count, newest = await connection.fetchrow(SHAPE)
    return count, newest


def _in_thread(work: Coroutine[Any, Any, T]) -> T:
    """The caller may be within an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
