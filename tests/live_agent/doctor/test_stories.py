"""`explain`: one login over both systems, and nothing of anybody else's (idea 8)."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

from kernel.clock import SystemClock
from kernel.db import Database, open_database
from kernel.problems import filled
from kernel.settings import load
from live_agent.accounts import actions as accounts
from live_agent.cli.commands import cli
from live_agent.doctor import stories
from live_agent.doctor.questions import Lines, Questions
from live_agent.doctor.stories import Story
from live_agent.settings import Settings
from support.command_line import CommandLine
from support.drill import EMAIL, Scene, Seed, scene
from support.faults import FAULTS, OTHER_SECRET, Fault

BY_NAME = {fault.name: fault for fault in FAULTS}


async def desk_database(pair: Scene) -> Database:
    return await open_database(pair.here["DATABASE_URL"], pool_size=1)


async def story_of(pair: Scene, reference: str, account: int | None = None) -> Story:
    database = await desk_database(pair)
    settings = load(Settings, pair.here)
    lines = Lines(settings)
    try:
        questions = Questions(settings, SystemClock(), lines)
        return await stories.of(questions, database, reference, account)
    finally:
        await lines.close()
        await database.close()


async def reference_of_the_login(pair: Scene) -> str:
    database = await desk_database(pair)
    rows = database.run("SELECT reference FROM audit_events WHERE reference IS NOT NULL", [])
    await database.close()
    return str(rows[-1]["reference"])


def told(story: Story) -> list[tuple[str, str]]:
    return [(step.system.value, step.text) for step in story.steps]


async def test_the_story_of_a_login_that_succeeds(seed: Seed, tmp_path: Path):
    async with scene(seed, tmp_path) as pair:
        await pair.log_in()
        story = await story_of(pair, await reference_of_the_login(pair), account=1)
    assert story.platform_told
    assert told(story) == [
        ("Cognigy.AI", "Logged in at Cognigy.AI"),
        ("Live Agent", "A user was made in Live Agent"),
        ("Live Agent", "Logged in to Live Agent"),
    ]


async def test_the_story_of_a_login_that_fails_names_reason_and_keys(seed: Seed, tmp_path: Path):
    async with scene(seed, tmp_path, BY_NAME["both_secrets"]) as pair:
        page = await pair.log_in()
        reference = page.url.path.rpartition("/")[2]
        assert f"live-agent explain {reference}" in page.text
        story = await story_of(pair, reference)
    assert not story.platform_told, "neither secret opens the platform's part"
    (refused,) = story.steps
    assert refused.code == "secret_rejected"
    assert "CLIENT_SECRET_COGNIGY_LIVE_AGENT" in refused.keys
    assert OTHER_SECRET not in repr(story)


async def test_another_accounts_administrator_sees_nothing_of_it(seed: Seed, tmp_path: Path):
    async with scene(seed, tmp_path, BY_NAME["client_secret"]) as pair:
        page = await pair.log_in()
        reference = page.url.path.rpartition("/")[2]
        database = await desk_database(pair)
        async with database.transaction() as tx:
            other = (await accounts.create(tx, "Globex", "b" * 24, 1)).id
            unmapped = (await accounts.create(tx, "Initech", None, 1)).id
        await database.close()
        own = await story_of(pair, reference, account=1)
        elsewhere = [await story_of(pair, reference, account=one) for one in (other, unmapped)]
    assert told(own) == [
        ("Cognigy.AI", "Logged in at Cognigy.AI"),
        ("Live Agent", "Not let in to Live Agent"),
    ]
    assert [told(story) for story in elsewhere] == [[], []]
    assert EMAIL not in repr(own)


async def test_a_missing_role_names_the_remedy(seed: Seed, tmp_path: Path):
    nothing = Fault("n", "n", {}, here={"COGNIGY_OAUTH_ROLE_MAP": "admin=administrator"})
    async with scene(seed, tmp_path, nothing) as pair:
        page = await pair.log_in()
        assert "/admin/users" in page.text, "the deep link to Access Control"
        story = await story_of(pair, page.url.path.rpartition("/")[2], account=1)
    assert story.steps[-1].code == "user_not_authorised"
    assert "liveAgentAgent" in story.steps[-1].remedy


async def test_a_platform_that_is_away_is_said(seed: Seed, tmp_path: Path):
    async with scene(seed, tmp_path, BY_NAME["down"]) as pair:
        story = await story_of(pair, "ABCDEFGHIJKL")
    assert story == Story((), platform_told=False)


async def test_the_command_prints_it_for_people_and_programs(seed: Seed, tmp_path: Path):
    async with scene(seed, tmp_path, BY_NAME["client_secret"]) as pair:
        page = await pair.log_in()
    reference = page.url.path.rpartition("/")[2]
    desk = CommandLine(lambda arguments: cli(arguments), pair.here)
    spaced = f"{reference[:4]}-{reference[4:8].lower()} {reference[8:]}"
    text = await in_a_thread(desk.run, "explain", spaced)
    assert "secret_rejected" in text
    assert "live-agent doctor" in text, "the platform has stopped meanwhile"
    found = json.loads(await in_a_thread(desk.run, "explain", reference, "--json"))
    assert found["reference"] == reference
    assert found["steps"][0]["outcome"] == "refused"


async def in_a_thread(run: Callable[..., str], *arguments: str) -> str:
    """A command runs an event loop of its own."""
    return await asyncio.to_thread(run, *arguments)


async def test_an_organisation_without_an_account_is_named(seed: Seed, tmp_path: Path):
    async with scene(seed, tmp_path, BY_NAME["organisation_unknown"]) as pair:
        page = await pair.log_in()
        [shown] = set(re.findall(r"The user organisation (\S+) was not found", page.text))
        story = await story_of(pair, page.url.path.rpartition("/")[2])
    assert filled(story.steps[-1].reason, story.steps[-1].context).split()[3] == shown
