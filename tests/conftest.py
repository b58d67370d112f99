"""Fixtures that all tests share. What one feature needs stands in the conftest of its folder."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kernel.db import Database, open_database
from support.clock import FrozenClock
from support.databases import Databases
from support.network import close_all_but_loopback
from support.postgres import Server, running_postgres

APPLICATIONS = ("cognigy_ai", "live_agent")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        close_all_but_loopback(patch)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL on loopback, for the whole run."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _all_databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    folder = tmp_path_factory.mktemp("databases")
    return Databases(lambda: request.getfixturevalue("postgres"), folder)


@pytest.fixture
def databases(_all_databases: Databases) -> Iterator[Databases]:
    """`databases.fresh(engine, package)` is the address of a new migrated database."""
    yield _all_databases
    _all_databases.take_back()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """A test that asks for this runs on both databases."""
    return str(request.param)


@pytest.fixture
def clock() -> FrozenClock:
    """The time of the application under test; `clock.advance(seconds)` moves it."""
    return FrozenClock()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, engine: str, databases: Databases) -> str:
    """A new migrated database of the application that the test's folder is named after."""
    folders = request.path.relative_to(Path(__file__).parent).parts
    assert folders[0] in APPLICATIONS, "elsewhere, say which: databases.fresh(engine, package)"
    return databases.fresh(engine, folders[0])


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, open."""
    database = await open_database(database_url, pool_size=10)
    yield database
    await database.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests below journeys/ and interop/ are of that kind."""
    for item in items:
        folders = Path(item.path).parts
        for folder, kind in (("journeys", "journey"), ("interop", "interop")):
            if folder in folders:
                item.add_marker(kind)
