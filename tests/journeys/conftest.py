"""The browser, and both systems with the people of the demo."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from demo.people import ACCOUNT, ORGANISATIONS, PEOPLE
from journeys.people import PASSWORD, Window, World
from support.chromium import launch_options
from support.databases import Databases
from support.servers import Pair, pair_of

# Beside the demo's: an old user whose Cognigy.AI address is not verified has to prove it is theirs.
UNVERIFIED = ("lea@acme.example", "leo@acme.example", "lisa@acme.example")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all stories; closed before other tests run event loops of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


def seed(pair: Pair, *, unusual: bool = True) -> int:
    """The demo's people through both command lines; the number of their account."""
    made = [
        {
            "email": person.email,
            "organisation": ORGANISATIONS[person.organisation],
            "name": person.name,
            "roles": list(person.roles),
            "email_verified": True,
            "password": PASSWORD,
        }
        for person in PEOPLE
        if person.organisation
    ]
    unverified = [
        {
            "email": email,
            "organisation": ORGANISATIONS[ACCOUNT],
            "name": email.partition("@")[0].capitalize(),
            "roles": ["liveAgentAgent"],
            "email_verified": False,
            "password": PASSWORD,
        }
        for email in (UNVERIFIED if unusual else ())
    ]
    pair.platform.apply(
        organisations=[{"id": id_, "name": name} for name, id_ in ORGANISATIONS.items()],
        users=made + unverified,
    )
    account = pair.desk.create_account(ACCOUNT, ORGANISATIONS[ACCOUNT])
    for person in PEOPLE:
        if person.old_role:
            pair.desk.create_old_user(person.email, account, PASSWORD, name=person.name)
    for email in UNVERIFIED if unusual else ():
        pair.desk.create_old_user(email, account, OLD_PASSWORD, name="Old " + email[:3])
    return account


OLD_PASSWORD = "copper-lantern-meadow-17"


@dataclass
class Seeds:
    """Databases with people in them, to be copied: commands are run once for all stories."""

    platform: Path
    desk: Path
    secrets: dict[str, str]
    account: int

    def pair(self, folder: Path) -> Pair:
        """Both systems on copies, talkative."""
        urls = []
        for path in (self.platform, self.desk):
            shutil.copyfile(path, folder / path.name)
            urls.append(f"sqlite:///{folder / path.name}")
        pair = pair_of(urls[0], urls[1], folder)
        for system in (pair.platform, pair.desk):
            system.environment["SECRET_KEY_BASE"] = self.secrets[system.command]
            system.environment["LOG_LEVEL"] = "debug"
        return pair


@pytest.fixture(scope="session")
def seeds(_all_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    folder = tmp_path_factory.mktemp("seeds")
    urls = [_all_databases.fresh("sqlite", name) for name in ("cognigy_ai", "live_agent")]
    pair = pair_of(urls[0], urls[1], folder)
    account = seed(pair)
    copies = []
    for url in urls:
        source = Path(url.removeprefix("sqlite:///"))
        copies.append(folder / source.name)
        with contextlib.closing(sqlite3.connect(source)) as connection:
            connection.execute("VACUUM INTO ?", (str(copies[-1]),))  # with what its journal holds
    secrets = {s.command: s.environment["SECRET_KEY_BASE"] for s in (pair.platform, pair.desk)}
    return Seeds(copies[0], copies[1], secrets, account)


@pytest.fixture(scope="module")
def pair(seeds: Seeds, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Not running yet; a story that breaks a setting asks for this one."""
    return seeds.pair(tmp_path_factory.mktemp("journey"))


@pytest.fixture(scope="module")
def running_world(pair: Pair, seeds: Seeds, browser: Browser) -> Iterator[World]:
    with pair.running():
        world = World(pair, browser, pair.desk.folder, seeds.account)
        yield world
    world.check_logs_hold_no_secret()


@pytest.fixture
def world(running_world: World) -> Iterator[World]:
    """Both systems as the last test of this story left them; no window is open."""
    yield running_world
    running_world.close_windows()


@pytest.fixture
def window(world: World) -> Window:
    return world.window()
