"""Many rows in one parameter, on both databases."""

from sqlalchemy import bindparam, delete, insert, select, update

from kernel.db import Database
from kernel.json_rows import JsonRows, as_json
from support.kernel_tables import TABLES

NOTES = TABLES.notes
ROWS = JsonRows("rows")
ADD = insert(NOTES).from_select(["id", "word"], select(ROWS.integer("id"), ROWS.text("word")))
CHANGE = update(NOTES).where(NOTES.c.id == ROWS.integer("id")).values(word=ROWS.text("word"))
REMOVE = delete(NOTES).where(NOTES.c.id.in_(select(ROWS.integer("id"))))
ALL = select(NOTES.c.id, NOTES.c.word).where(NOTES.c.id > bindparam("after")).order_by(NOTES.c.id)


async def notes(database: Database) -> list[tuple[int, str]]:
    return [(row["id"], row["word"]) for row in await database.all(ALL, after=0)]


async def test_rows_are_added_changed_and_removed_by_one_statement_each(
    database: Database,
) -> None:
    words = ["plain", "", "quote \" and ' and \\", "Ünïcødé 日本 🙂", "a\nb", "[1,2]", "null"]
    rows = [{"id": number, "word": word} for number, word in enumerate(words, 1)]
    before = database.statements
    await database.one(ADD, rows=as_json(rows))
    assert database.statements == before + 1
    assert await notes(database) == list(enumerate(words, 1))
    await database.one(CHANGE, rows=as_json([{"id": 1, "word": "one"}, {"id": 3, "word": "three"}]))
    await database.one(REMOVE, rows=as_json({"id": number} for number in (2, 4, 5, 6, 7, 8)))
    assert await notes(database) == [(1, "one"), (3, "three")]


async def test_no_rows_are_nothing_to_do(database: Database) -> None:
    await database.one(ADD, rows=as_json([]))
    assert await notes(database) == []
