"""What a person's own pages read and end is found by an index, never by reading a whole table."""

from typing import Any

import pytest

from cognigy_ai.sessions import store as sessions
from cognigy_ai.tokens.store import applications
from cognigy_ai.users.store import activity, emails, links, people
from kernel.db import SQLite
from support.platform import OUTBOX, Platform

STATEMENTS: dict[str, Any] = {
    "sessions": sessions.LIST,
    "count": sessions.COUNT,
    "history": sessions.HISTORY,
    "refusals": sessions.REFUSED,
    "one session": sessions.FIND_OF_USER,
    "seen": sessions.NOTE_SEEN,
    "active": activity.NOTE,
    "mail of a link": links.MAIL_STATE,
    "new address": emails.PENDING,
    "dearest bcrypt": people.BCRYPT_COST,
    "failing mail": OUTBOX._failing,
    "grants": applications.LIST_GRANTED,
    "consents": applications.LIST_CONSENTS,
    "forget consent": applications.FORGET_CONSENT,
    "forget codes": applications.FORGET_CODES,
    "revoke grants": applications.REVOKE,
}
VALUES: dict[str, object] = {
    "user": "u", "user_id": "u", "session": "s", "client_id": "c", "because": "b",
    "most": 50, "before": 1, "now": 1,
    "purpose": "reset", "beginning": "mail.",
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
async def test_no_table_is_scanned(acme: Platform, name: str) -> None:
    database, statement = acme.database, STATEMENTS[name]
    sql, parameters = database.compiled(statement, VALUES)
    if isinstance(database, SQLite):
        plan = "\n".join(
            row["detail"] for row in database.run("EXPLAIN QUERY PLAN " + sql, parameters)
        )
        assert "SCAN" not in plan, plan
        return
    async with database.transaction() as tx:
        connection = tx._connection  # a plan is asked for in words of PostgreSQL's own
        await connection.execute("SET LOCAL enable_seqscan = off")  # the tables are empty
        rows = await connection.fetch("EXPLAIN " + sql, *parameters)
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan" not in plan, plan
