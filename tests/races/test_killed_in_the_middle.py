"""A server that is killed in the middle of a bulk run: nobody is done by half, or twice."""

import asyncio
import csv
import signal
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from kernel.db import Database, Row, open_database
from live_agent.db import tables
from support.databases import Databases
from support.races import Scene, prepared

pytestmark = pytest.mark.postgres

MANY = 400
SECONDS = 120


def import_people(scene: Scene, folder: Path) -> None:
    rows = [("account", "email", "name", "role", "confirmed", "digest")]
    rows += [("7", f"old{n}@acme.example", f"Old {n}", "agent", "true", "") for n in range(MANY)]
    file = folder / "users.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(rows)
    scene.pair.desk.run("import", "users", str(file), "--account", f"7={scene.account}")


async def one(database: Database, statement: Any) -> Mapping[str, Any]:
    row: Row | None = await database.one(statement)
    assert row is not None
    return dict(row)


async def done(database: Database) -> int:
    return int((await one(database, select(tables.move_runs.c.done)))["done"])


async def test_each_is_mailed_and_marked_or_neither_and_the_next_server_goes_on(
    databases: Databases, tmp_path: Path
):
    scene = prepared(databases, "postgresql", tmp_path)
    desk = scene.pair.desk
    import_people(scene, tmp_path)
    desk.run("migration", "remind", "--account", str(scene.account))
    database = await open_database(desk.environment["DATABASE_URL"], pool_size=1)
    try:
        with desk.running():
            (server,) = desk.servers
            await until(database, 20)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            before = await done(database)
            assert 0 < before < MANY, "it was in the middle"
            assert await told(database) == Counter({None: MANY + 2 - before, "MAILED": before})
            lease = update(tables.move_runs).values(leased_until=0)  # its minute is over
            await database.one(lease)
            desk.replace(server).await_ready()
            await until(database, MANY + 2)
            assert await told(database) == Counter(MAILED=MANY + 2)
    finally:
        await database.close()


async def until(database: Database, number: int) -> None:
    deadline = time.monotonic() + SECONDS
    while await done(database) < number:
        assert time.monotonic() < deadline, f"{await done(database)} of {number}"
        await asyncio.sleep(0.01)


async def told(database: Database) -> Counter[str | None]:
    """What is written about each person; each has exactly as many reminders as that says."""
    people, stages = tables.move_run_users, tables.move_stages
    rows = await database.all(
        select(people.c.fate, stages.c.reminders).join_from(
            people, stages, stages.c.user_id == people.c.user_id, isouter=True
        )
    )
    for row in rows:
        assert (row["reminders"] or 0) == (1 if row["fate"] else 0)
    events = select(func.count().label("n")).where(tables.audit_events.c.event == "user.reminded")
    assert (await one(database, events))["n"] == sum(1 for row in rows if row["fate"])
    return Counter(row["fate"] for row in rows)
