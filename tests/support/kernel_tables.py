"""The kernel's own tables, and a small one to try transactions on."""

from dataclasses import dataclass

from sqlalchemy import Column, Integer, MetaData, Table, Text, text
from sqlalchemy.schema import CreateIndex, CreateTable

from kernel.db import Database
from kernel.outbox import outbox_table
from kernel.throttle import locks_table


@dataclass(frozen=True)
class Tables:
    """What `create_tables` makes."""

    locks: Table
    outbox: Table
    notes: Table


def _describe() -> Tables:
    metadata = MetaData()
    notes = Table(
        "notes",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("word", Text, unique=True),
        Column("about", Text),
    )
    return Tables(locks_table(metadata), outbox_table(metadata), notes)


TABLES = _describe()


async def create_tables(database: Database) -> None:
    """All of them, in an empty database."""
    for table in (TABLES.locks, TABLES.outbox, TABLES.notes):
        for statement in (CreateTable(table), *(CreateIndex(index) for index in table.indexes)):
            await database.one(text(str(statement.compile(dialect=database._compile.dialect))))
