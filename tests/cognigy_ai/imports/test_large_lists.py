"""Long lists: rows are sealed, stored and read in pieces, never all of them in one go."""

import asyncio
from typing import Any

from cognigy_ai.imports import actions as imports

ROWS = 1100


def people(number: int) -> str:
    lines = [f"person.{n}@acme.example,Person {n:04},liveAgentAgent" for n in range(number)]
    return "\n".join(["email,name,roles", *lines])


async def test_a_long_list_is_stored_with_a_statement_for_many_rows(office: Any) -> None:
    database = office.platform.database
    before = database.statements
    import_id = await office.check(people(ROWS))
    assert database.statements - before < 12
    found = await office.get(import_id)
    assert found.total == ROWS
    assert (await imports.count(database, found)).of("created") == ROWS


async def test_others_have_their_turn_while_a_long_list_is_read(office: Any) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    import_id = await office.check(people(ROWS))
    found, state = await office.get(import_id), office.platform.app.state
    checked, turns = turns, 0
    async for _ in imports.walk(state.database, state.keyring, found):
        pass
    task.cancel()
    assert checked >= 3
    assert turns >= 3


async def test_results_are_read_in_pieces_and_are_complete(office: Any) -> None:
    await office.platform.add_user("person.7@acme.example", name="Person 0007")
    found = await office.get(await office.check(people(ROWS)))
    state = office.platform.app.state
    pieces = [rows async for rows in imports.walk(state.database, state.keyring, found)]
    assert [len(rows) for rows in pieces] == [500, 500, 100]
    rows = [row for piece in pieces for row in piece]
    assert [row.number for row in rows] == list(range(2, ROWS + 2))
    assert [row.line.email for row in rows if row.line] == [
        f"person.{n}@acme.example" for n in range(ROWS)
    ]
    assert {row.fate for row in rows} == {"created", "unchanged"}
