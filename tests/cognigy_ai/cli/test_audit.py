"""`cognigy-ai audit`: operators list, export and verify what happened."""

import asyncio
import csv
import io
import json

import pytest
from sqlalchemy import text

from cognigy_ai.audit.actions import TRAIL
from kernel.audit.sealer import seal_batch
from kernel.db import open_database
from support.command_line import CommandLine
from support.servers import CommandFailed

ACME, GLOBEX = "a" * 24, "b" * 24


@pytest.fixture
def busy(cli: CommandLine) -> CommandLine:
    """Two organisations in which something happened."""
    for name, organisation in (("Acme", ACME), ("Globex", GLOBEX)):
        cli.run("organisations", "create", name, "--id", organisation)
        address = f"ada@{name.lower()}.example"
        person = ("--organisation", organisation, "--name", "Ada Lovelace", "--role", "admin")
        cli.run("users", "create", address, *person)
    return cli


def test_events_of_all_organisations_are_listed(busy: CommandLine) -> None:
    found = busy.run_json("audit", "list")
    assert {event["organisation_id"] for event in found} == {ACME, GLOBEX}
    assert {event["actor_kind"] for event in found} == {"operator"}
    assert found == sorted(found, key=lambda event: event["at"], reverse=True)
    table = busy.run("audit", "list", "--group", "organisation")
    assert table.count("operator") == 2


def test_a_list_is_narrowed(busy: CommandLine) -> None:
    found = busy.run_json("audit", "list", "--organisation", ACME, "--group", "user")
    assert {event["organisation_id"] for event in found} == {ACME}
    assert "user.created" in {event["event"] for event in found}
    user = next(event["user_id"] for event in found)
    assert len(busy.run_json("audit", "list", "--user", user)) == len(found)
    assert len(busy.run_json("audit", "list", "--limit", "1")) == 1
    assert busy.run_json("audit", "list", "--until", "2020-01-01") == []
    assert busy.run_json("audit", "list", "--by", user) == []
    assert busy.run_json("audit", "list", "--since", "2020-01-01") != []


def test_an_export_holds_everything_in_both_formats(busy: CommandLine) -> None:
    lines = busy.run("audit", "export", "--organisation", ACME).splitlines()
    objects = [json.loads(line) for line in lines]
    assert objects == busy.run_json("audit", "list", "--organisation", ACME)
    table = busy.run("audit", "export", "--organisation", ACME, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    assert [row["id"] for row in rows] == [one["id"] for one in objects]


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--since", "yesterday"),
        ("list", "--until", "2026-02-30"),
        ("list", "--group", "user.created"),
        ("list", "--limit", "0"),
        ("export", "--format", "xml"),
        ("verify", "--known", "yesterday"),
    ],
)
def test_what_cannot_be_asked_is_refused(busy: CommandLine, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandFailed) as caught:
        busy.run("audit", *arguments)
    assert "2" in str(caught.value)


async def seal(cli: CommandLine) -> None:
    database = await open_database(cli.environment["DATABASE_URL"])
    await seal_batch(database, TRAIL.seals, 1_800_000_000)
    await database.close()


async def forge(cli: CommandLine) -> None:
    database = await open_database(cli.environment["DATABASE_URL"])
    await database.one(text("UPDATE audit_events SET details = '{}' WHERE position = 2"))
    await database.close()


def test_a_good_trail_is_verified_and_its_last_hash_is_printed(busy: CommandLine) -> None:
    found = busy.run_json("audit", "verify")
    assert (found["good"], found["batches"], found["last_hash"]) == (True, 0, None)
    assert found["unsealed"] == len(busy.run_json("audit", "list"))
    asyncio.run(seal(busy))
    found = busy.run_json("audit", "verify")
    assert (found["good"], found["batches"], found["unsealed"]) == (True, 1, 0)
    last = f"{found['last_batch']}:{found['last_hash']}"
    said = busy.run("audit", "verify", "--known", last)
    assert f"Last: {last}" in said
    assert f"Good batches: 1 with {found['events']} events." in said


def test_a_trail_that_was_changed_fails_with_the_batch(busy: CommandLine) -> None:
    asyncio.run(seal(busy))
    asyncio.run(forge(busy))
    with pytest.raises(CommandFailed) as caught:
        busy.run("audit", "verify")
    assert caught.value.code == 1
    assert "Broken: batch 1" in str(caught.value)
    with pytest.raises(CommandFailed) as caught:
        busy.run("audit", "verify", "--json")
    assert '"broken_batch": 1' in str(caught.value)


def test_a_known_hash_that_is_another_one_fails(busy: CommandLine) -> None:
    asyncio.run(seal(busy))
    with pytest.raises(CommandFailed) as caught:
        busy.run("audit", "verify", "--known", f"1:{'0' * 64}")
    assert "Broken: batch 1, its hash is not the known one." in str(caught.value)
