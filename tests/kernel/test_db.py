"""Transactions on both databases: what is kept, what is undone, who waits and how."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import BigInteger, bindparam, delete, insert, select, text, update

from kernel import db
from kernel.db import Database, DatabaseUnavailable, UniqueViolation, open_database
from support.databases import Databases
from support.kernel_tables import TABLES, create_tables
from support.postgres import Server, free_port

NOTES = TABLES.notes
ADD = insert(NOTES).values(id=bindparam("id"), word=bindparam("word"))
WORDS = select(NOTES.c.word).order_by(NOTES.c.id)


async def words(database: Database) -> list[str]:
    return [row["word"] for row in await database.all(WORDS)]


async def test_what_a_transaction_wrote_is_there_after_it(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.one(ADD, id=1, word="one")
        await tx.one(ADD, id=2, word="two")
        assert [row["word"] for row in await tx.all(WORDS)] == ["one", "two"]
    assert await words(database) == ["one", "two"]


async def test_an_exception_in_the_block_undoes_all_of_it(database: Database) -> None:
    async def work() -> None:
        async with database.transaction() as tx:
            await tx.one(ADD, id=1, word="one")
            raise LookupError

    with pytest.raises(LookupError):
        await work()
    assert await words(database) == []


async def test_a_refusal_raised_after_the_block_keeps_the_write(database: Database) -> None:
    async def refuse() -> None:
        async with database.transaction() as tx:
            await tx.one(ADD, id=1, word="counted")
        raise LookupError

    with pytest.raises(LookupError):
        await refuse()
    assert await words(database) == ["counted"]


async def test_readers_are_told_after_the_commit_and_of_nothing_that_was_undone(
    database: Database,
) -> None:
    heard: list[tuple[str, int]] = []
    database.listen(lambda topic: heard.append((topic, database.transactions)))
    async with database.transaction() as tx:
        await tx.one(ADD, id=1, word="one")
        tx.tell("words")
        tx.tell("words")
        assert heard == []
    assert heard == [("words", database.transactions)]

    async def undo() -> None:
        async with database.transaction() as tx:
            tx.tell("words")
            raise LookupError

    with pytest.raises(LookupError):
        await undo()
    assert len(heard) == 1
    database.tell("words")  # a single statement is committed when it returns
    assert len(heard) == 2


async def test_cancelling_undoes_and_leaves_the_database_usable(database: Database) -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with database.transaction() as tx:
            await tx.one(ADD, id=1, word="one")
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await words(database) == []
    await database.one(ADD, id=2, word="two")
    assert await words(database) == ["two"]


@pytest.mark.parametrize("twice", [{"id": 1, "word": "other"}, {"id": 2, "word": "one"}])
async def test_a_second_row_with_the_key_is_a_unique_violation(
    database: Database, twice: dict[str, Any]
) -> None:
    await database.one(ADD, id=1, word="one")
    with pytest.raises(UniqueViolation):
        await database.one(ADD, **twice)
    with pytest.raises(UniqueViolation):
        async with database.transaction() as tx:
            await tx.one(ADD, **twice)
    assert await words(database) == ["one"]


async def test_inside_the_block_it_has_the_same_name(database: Database) -> None:
    class Seen(Exception):  # noqa: N818
        pass

    async def work() -> None:
        async with database.transaction() as tx:
            await tx.one(ADD, id=1, word="one")
            try:
                await tx.all(ADD, id=1, word="one")
            except UniqueViolation:
                raise Seen from None

    with pytest.raises(Seen):
        await work()


async def test_another_broken_rule_is_no_unique_violation(database: Database) -> None:
    broken = insert(TABLES.locks).values(key="a")  # three columns are missing
    with pytest.raises(Exception, match=r"(?i)not.null"):
        await database.one(broken)


async def test_a_value_that_was_forgotten_is_an_error_and_not_null(database: Database) -> None:
    with pytest.raises(KeyError, match="word"):
        await database.one(ADD, id=1)


async def test_none_written_into_the_statement_is_null(database: Database) -> None:
    await database.one(ADD, id=1, word="one")
    await database.one(update(NOTES).values(word=None, about="x").where(NOTES.c.id == 1))
    assert await words(database) == [None]


async def test_in_lists_are_written_out_for_the_call(database: Database) -> None:
    for number in range(4):
        await database.one(ADD, id=number, word=str(number))
    for wanted in ([1, 3], [0, 1, 2], []):
        rows = await database.all(WORDS.where(NOTES.c.id.in_(wanted)))
        assert [row["word"] for row in rows] == [str(n) for n in wanted]


async def test_a_value_of_the_wrong_type_is_a_bug_and_no_outage(postgres: Server) -> None:
    database = await open_database(postgres.url())
    try:
        with pytest.raises(asyncpg.DataError, match="invalid input"):
            await database.one(select(bindparam("n", type_=BigInteger)), n="three")
    finally:
        await database.close()


async def test_one_answers_none_without_a_row(database: Database) -> None:
    assert await database.one(WORDS) is None
    async with database.transaction() as tx:
        assert await tx.one(WORDS) is None
    assert await database.one(delete(NOTES)) is None


async def test_statements_and_transactions_are_counted(database: Database) -> None:
    statements, transactions = database.statements, database.transactions
    await database.one(ADD, id=1, word="one")
    async with database.transaction() as tx:
        await tx.one(WORDS)
        await tx.all(WORDS)
    assert database.statements - statements == 3
    assert database.transactions - transactions == 2


async def test_eight_tasks_count_to_eight(database: Database) -> None:
    counter = insert(NOTES).values(id=0, word="0")
    await database.one(counter)
    read = select(NOTES.c.word).where(NOTES.c.id == 0).with_for_update()
    write = update(NOTES).where(NOTES.c.id == 0).values(word=bindparam("new"))

    async def add_one() -> None:
        async with database.transaction() as tx:
            row = await tx.one(read)
            assert row is not None
            await asyncio.sleep(0)
            await tx.one(write, new=str(int(row["word"]) + 1))

    await asyncio.gather(*(add_one() for _ in range(8)))
    assert await words(database) == ["8"]


# --- SQLite ---------------------------------------------------------------------------------------

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO notes (id, word) VALUES (100, 'theirs')")
print("held", flush=True)
sys.stdin.read()
connection.execute("COMMIT")
"""


async def opened(databases: Databases) -> tuple[db.SQLite, str]:
    url = databases.empty("sqlite")
    database = await open_database(url)
    assert isinstance(database, db.SQLite)
    await create_tables(database)
    return database, url.removeprefix("sqlite:///")


class Holder:
    """Another process that has the write lock until it is told to commit."""

    def __init__(self, path: str) -> None:
        command = [sys.executable, "-c", HOLD, path]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "held\n"

    def __enter__(self) -> "Holder":
        return self

    def __exit__(self, *_: object) -> None:
        self.commit()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def commit(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@pytest.mark.parametrize("in_transaction", [False, True])
async def test_another_process_that_writes_is_awaited_while_the_loop_goes_on(
    databases: Databases, *, in_transaction: bool
) -> None:
    database, path = await opened(databases)

    async def write() -> None:
        if in_transaction:
            async with database.transaction() as tx:
                await tx.one(ADD, id=1, word="ours")
        else:
            await database.one(ADD, id=1, word="ours")

    with Holder(path) as other:
        writing = asyncio.create_task(write())
        for _ in range(40):  # ticks that a loop which stands still would not make
            await asyncio.sleep(0.01)
        assert not writing.done()
        other.commit()
        await writing
    assert await words(database) == ["ours", "theirs"]
    await database.close()


async def test_a_lock_that_is_held_too_long_is_an_outage(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, path = await opened(databases)
    monkeypatch.setattr(db, "BUSY_ATTEMPTS", 3)
    with Holder(path), pytest.raises(DatabaseUnavailable, match="SQLITE_BUSY"):
        await database.one(ADD, id=1, word="ours")
    await database.close()


async def test_reading_goes_on_while_another_process_writes(databases: Databases) -> None:
    database, path = await opened(databases)
    with Holder(path):
        assert await words(database) == []
        second = await open_database(f"sqlite:///{path}")  # the command line beside the server
        assert await words(second) == []
    await database.close()
    await second.close()


OPEN = """
import asyncio, sys
from kernel.db import open_database
async def main():
    for url in sys.argv[1:]:
        await (await open_database(url)).close()
print("ready", flush=True)
sys.stdin.read()
asyncio.run(main())
"""


async def test_programs_that_open_a_new_file_together_wait_for_each_other(
    databases: Databases,
) -> None:
    urls = [databases.empty("sqlite") for _ in range(20)]
    for url in urls:
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute("CREATE TABLE one (id INTEGER)")  # as a migration leaves it: no WAL yet
        connection.close()
    pipe = asyncio.subprocess.PIPE
    programs = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", OPEN, *urls, stdin=pipe, stdout=pipe
        )
        for _ in range(2)
    ]
    for program in programs:
        assert program.stdout is not None
        await program.stdout.readline()
    for program in programs:
        assert program.stdin is not None
        program.stdin.close()
    assert [await program.wait() for program in programs] == [0, 0]


async def test_a_statement_beside_the_own_transaction_is_a_bug_and_no_deadlock(
    databases: Databases,
) -> None:
    database, _ = await opened(databases)
    async with database.transaction():
        with pytest.raises(RuntimeError, match="outside the transaction"):
            await database.one(WORDS)
    await database.close()


async def test_a_broken_statement_is_not_tried_again(databases: Databases) -> None:
    database, _ = await opened(databases)
    with pytest.raises(Exception, match="no such table"):
        await database.one(text("SELECT 1 FROM nowhere"))
    await database.close()


async def test_a_transaction_that_sqlite_ended_itself_is_no_second_fault(
    databases: Databases,
) -> None:
    database, _ = await opened(databases)

    async def work() -> None:
        async with database.transaction() as tx:
            await tx.one(ADD, id=1, word="one")
            await tx.one(text("ROLLBACK"))  # as a full disk makes it do
            raise LookupError

    with pytest.raises(LookupError):
        await work()
    assert await words(database) == []
    await database.close()


async def test_the_files_are_for_the_owner_only(databases: Databases) -> None:
    database, path = await opened(databases)
    await database.one(ADD, id=1, word="one")
    files = list(Path(path).parent.glob(Path(path).name + "*"))
    assert len(files) >= 2  # the journal too
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    await database.close()


async def test_a_database_in_memory_makes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = await open_database("sqlite:///:memory:")
    await database.one(text("CREATE TABLE one (id INTEGER)"))
    await database.close()
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - one call, no waiting


@pytest.mark.parametrize(
    ("pragma", "name"),
    [("query_only = ON", "SQLITE_READONLY"), ("max_page_count = 1", "SQLITE_FULL")],
)
async def test_a_file_that_cannot_be_written_is_an_outage(
    databases: Databases, pragma: str, name: str
) -> None:
    database, _ = await opened(databases)
    await database.one(text(f"PRAGMA {pragma}"))
    with pytest.raises(DatabaseUnavailable, match=name):
        await database.one(ADD, id=1, word="w" * 100_000)
    await database.close()


# --- PostgreSQL -----------------------------------------------------------------------------------


async def test_a_postgres_that_does_not_listen_is_unavailable() -> None:
    with pytest.raises(DatabaseUnavailable):
        await open_database(f"postgresql://nobody@127.0.0.1:{free_port()}/none")


async def test_a_wrong_password_or_database_name_is_unavailable(postgres: Server) -> None:
    with pytest.raises(DatabaseUnavailable, match="InvalidPassword"):
        await open_database(postgres.url().replace(postgres.password, "wrong"))
    with pytest.raises(DatabaseUnavailable, match="InvalidCatalogName"):
        await open_database(postgres.url("absent"))


async def test_a_connection_that_dies_is_unavailable_and_the_next_one_works(
    databases: Databases, postgres: Server
) -> None:
    url = databases.empty("postgresql")
    database = await open_database(url, pool_size=1)
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{url.rpartition('/')[2]}'"
    )

    async def work() -> None:
        async with database.transaction() as tx:
            await asyncio.to_thread(postgres.execute, kill)
            await tx.one(select(1))

    with pytest.raises(DatabaseUnavailable):
        await work()
    assert await database.one(select(1)) is not None
    await database.close()


async def test_a_pool_without_a_free_connection_is_unavailable(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "CONNECT_TIMEOUT_SECONDS", 0.2)
    database = await open_database(databases.empty("postgresql"), pool_size=1)
    async with database.transaction():
        for call in (database.one, database.all):
            with pytest.raises(DatabaseUnavailable):
                await call(select(1))
    await database.close()


@pytest.mark.parametrize(
    "state",
    ["57014", "57P01", "57P02", "57P03", "40001", "40P01", "53100", "53200", "25006", "08006"],
)
async def test_what_only_another_attempt_mends_is_an_outage(
    databases: Databases, state: str
) -> None:
    """PostgreSQL, appendix A: also deadlocks, a full disk, a server that became a replica."""
    database = await open_database(databases.empty("postgresql"), pool_size=1)
    fail = text(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")
    with pytest.raises(DatabaseUnavailable):
        await database.one(fail)
    with pytest.raises(DatabaseUnavailable):
        async with database.transaction() as tx:
            await tx.one(fail)
    with pytest.raises(asyncpg.PostgresError):
        await database.one(text("SELECT 1 / 0 AS x"))
    await database.close()
