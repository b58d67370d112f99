"""How the databases find a page among 10,000 people: never by reading and sorting all of them.

Another organisation has as many: none of its rows are read for a page of the first one.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.users import listing
from cognigy_ai.users.listing import Cursor, Query, Sort, State
from cognigy_ai.users.queries import PAGE
from kernel.db import Database, Row, open_database
from support.crowd import seed_crowd
from support.databases import Databases
from support.platform import ACME

PEOPLE = 10_000
GLOBEX = "b" * 24
MOST_READ = 3200  # the few of a condition, or what a walk passes before it has a page
MOST_COUNTED = 20_001  # entries of an index, to know whether they are few


class Watched:
    """The database, and the statements that a listing runs on it."""

    def __init__(self, database: Database, engine: str) -> None:
        self._database, self._engine = database, engine
        self.plans: list[str] = []
        self.sorted: list[int] = []

    async def one(self, statement: object, **values: object) -> Row | None:
        return (await self.all(statement, **values) or [None])[0]

    async def all(self, statement: object, **values: object) -> list[Row]:
        sql, parameters = self._database.compiled(statement, values)  # type: ignore[union-attr, arg-type]
        if self._engine == "sqlite":
            explained = self._database.run(f"EXPLAIN QUERY PLAN {sql}", parameters)  # type: ignore[union-attr]
            self.plans.append("\n".join(row["detail"] for row in explained))
        else:
            pool = self._database._pool  # type: ignore[union-attr]
            text = await pool.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *parameters)
            self.plans.append(text)
        return await self._database.all(statement, **values)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def crowd_engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def crowd_url(crowd_engine: str, _all_databases: Databases) -> str:
    """Ten thousand people in Acme and in Globex, seeded once for the whole file."""
    url = _all_databases.fresh(crowd_engine, "cognigy_ai")

    async def fill() -> None:
        database = await open_database(url)
        async with database.transaction() as tx:
            await organisations.create(tx, "Acme", 1, ACME)
            await organisations.create(tx, "Globex", 1, GLOBEX)
        await database.close()
        for organisation in (ACME, GLOBEX):
            await seed_crowd(url, PEOPLE, organisation)

    asyncio.run(fill())
    return url


@pytest.fixture
async def watched(crowd_url: str, crowd_engine: str) -> AsyncIterator[Watched]:
    database = await open_database(crowd_url)
    yield Watched(database, crowd_engine)
    await database.close()


def faults(plan: str) -> list[str]:
    """What a plan must not hold: a scan of everybody, or a sort of more than a few."""
    if plan.startswith("["):
        return _postgres_faults(json.loads(plan)[0]["Plan"])
    scanned = re.findall(r"SCAN users\b.*", plan)
    # A co-routine is a part that ends at its limit: a few, or a glance.
    walked = "users_of_an_organisation" in plan and "CO-ROUTINE" not in plan
    is_sorted = "TEMP B-TREE FOR ORDER" in plan
    return scanned + (["a walk that is sorted"] if walked and is_sorted else [])


def foreign_rows(plan: str) -> list[str]:
    """Parts of a plan that read people, words or roles without saying of which organisation.

    One person's words and roles are found by the person, who was found before.
    """
    if not plan.startswith("["):
        read = re.findall(r"(?:SCAN|SEARCH) (?:users|user_words|user_roles)\b.*", plan)
        own = re.compile(r"\((organisation_id=\?|id=\?|user_id=\?)")
        return [part for part in read if not own.search(part)]
    return _foreign_rows(json.loads(plan)[0]["Plan"])


def _foreign_rows(node: dict[str, Any]) -> list[str]:
    found = [part for child in node.get("Plans", ()) for part in _foreign_rows(child)]
    if node.get("Relation Name") in ("users", "user_words", "user_roles"):
        told = re.search(
            r"\b(organisation_id|id|user_id)\)?(::text)? (=|IS NULL)", node.get("Index Cond", "")
        )
        if told is None:
            found.append(f"{node['Node Type']} of {node['Relation Name']}")
    return found


def _postgres_faults(node: dict[str, Any]) -> list[str]:
    kind, found = node["Node Type"], []
    rows = int(node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    counted = kind in ("Limit", "Index Only Scan")
    if kind == "Seq Scan":
        found.append(f"Seq Scan on {node['Relation Name']}")
    if rows > (MOST_COUNTED if counted else MOST_READ):
        found.append(f"{kind} of {rows} rows")
    if kind == "Sort" and rows > 2 * listing.COUNTED:
        found.append(f"Sort of {rows} rows")
    return found + [fault for child in node.get("Plans", ()) for fault in _postgres_faults(child)]


QUERIES = {
    "everybody": Query(ACME),
    "a-rare-word": Query(ACME, words=("zebed",)),
    "a-frequent-word": Query(ACME, words=("acme",)),
    "a-beginning-of-many": Query(ACME, words=("s",)),
    "rare-and-frequent": Query(ACME, words=("ada", "zebedee")),
    "a-rare-role": Query(ACME, role="admin"),
    "a-frequent-role": Query(ACME, role="liveAgentAgent"),
    "a-role-of-nobody": Query(ACME, role="odata"),
    "two-that-exclude-each-other": Query(ACME, words=("south",), role="userManager"),
    "active": Query(ACME, state=State.ACTIVE),
    "disabled": Query(ACME, state=State.DISABLED),
    "invited": Query(ACME, state=State.INVITED),
    "never": Query(ACME, state=State.NEVER),
    "disabled-of-a-role": Query(ACME, role="liveAgentAgent", state=State.DISABLED),
    "one-address": Query(ACME, words=("zebedee.allen.0@acme.example",)),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_no_page_reads_everybody(watched: Watched, name: str) -> None:
    for sort, descending in product(Sort, (False, True)):
        query = replace(QUERIES[name], sort=sort, descending=descending)
        page = await listing.list_page(watched, query)  # type: ignore[arg-type]
        for cursor in filter(None, (page.next, page.previous)):
            await listing.list_page(watched, query, cursor)  # type: ignore[arg-type]
    assert [(fault, plan) for plan in watched.plans for fault in faults(plan)] == []
    assert [(part, plan) for plan in watched.plans for part in foreign_rows(plan)] == []


async def test_a_page_deep_in_the_list_costs_what_the_first_one_does(watched: Watched) -> None:
    query = Query(ACME)
    middle = Cursor(Sort.NAME, "leslie lamport", "")
    page = await listing.list_page(watched, query, middle)  # type: ignore[arg-type]
    assert page.people[0].name == "Leslie Lamport"
    assert page.previous is not None
    assert page.next is not None
    assert [fault for plan in watched.plans for fault in faults(plan)] == []


async def test_a_role_is_looked_up_in_its_own_organisation(watched: Watched) -> None:
    """Ten thousand have it in the other one."""
    page = await listing.list_page(watched, Query(ACME, role="odata"))  # type: ignore[arg-type]
    assert (page.people, page.total) == ((), 0)
    theirs = await listing.list_page(watched, Query(GLOBEX, role="odata"))  # type: ignore[arg-type]
    assert len(theirs.people) == PAGE
    assert [part for plan in watched.plans for part in foreign_rows(plan)] == []
