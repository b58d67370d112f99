"""How the databases find a page among 10,000 events: along an index, never by sorting all."""

from sqlalchemy import insert, text

from cognigy_ai.audit.actions import TRAIL
from cognigy_ai.db.tables import audit_events
from kernel.audit.rules import Cursor, EventFilter
from kernel.db import Database, SQLite
from support.platform import ACME

EVENTS = 10_000
PIECE = 1000
OTHER = "b" * 24


async def plan(database: Database, wanted: EventFilter) -> str:
    asked = {"owner": ACME} | wanted.asked()
    statement = TRAIL.listing(frozenset(asked), cursor=True, newer=False)
    values = asked | {"cursor_at": EVENTS // 2, "cursor_id": "a", "most": 51}
    sql, parameters = database.compiled(statement, values)
    if isinstance(database, SQLite):
        rows = database.run(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return "\n".join(row["detail"] for row in rows)
    return "\n".join(row[0] for row in await database._pool.fetch(f"EXPLAIN {sql}", *parameters))


async def test_a_page_walks_along_an_index(database: Database) -> None:
    async with database.transaction() as tx:
        for start in range(0, EVENTS, PIECE):
            rows = [
                {
                    "id": f"{number:032x}",
                    "at": number,
                    "event": "user.changed" if number % 10 else "import.started",
                    "organisation_id": ACME if number % 20 == 7 else OTHER,
                    "user_id": f"{number % 500:024x}",
                    "details": "{}",
                }
                for number in range(start, start + PIECE)
            ]
            await tx.one(insert(audit_events).values(rows))
    await database.one(text("ANALYZE"))
    for wanted in (
        EventFilter(),
        EventFilter(group="import"),
        EventFilter(since=10, until=9000),
        EventFilter(user_id=f"{7:024x}"),
    ):
        found = await plan(database, wanted)
        # PostgreSQL takes the one by time where that is nearer; all are in the page's order.
        assert "audit_events_" in found, found
        assert "SCAN audit_events\n" not in found
        assert "Seq Scan on audit_events" not in found
        assert "TEMP B-TREE" not in found


def test_a_cursor_is_written_as_time_and_id() -> None:
    assert str(Cursor(5, "a" * 32)) == f"5.{'a' * 32}"
