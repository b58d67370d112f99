"""Fixtures that all tests share. What one feature needs stands in the conftest of its folder."""

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from kernel.db import Database, open_database
from support.clock import FrozenClock
from support.databases import Databases
from support.network import close_all_but_loopback
from support.postgres import Server, running_postgres

APPLICATIONS = ("cognigy_ai", "live_agent")

# A test that takes longer than its kind may take fails: the suite stays quick enough to be run.
BUDGET_SECONDS = {"journey": 90.0, "interop": 90.0}
BUDGET_OF_OTHERS_SECONDS = 20.0


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
    _all_databases.drop_made()


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that passed too late has failed."""
    report = yield
    limit = _budget(item)
    if report.when == "call" and report.passed and report.duration > limit:
        report.outcome = "failed"
        report.longrepr = f"took {report.duration:.1f} s of at most {limit:.0f} s (mark: seconds)"
    return report


def _budget(item: pytest.Item) -> float:
    if own := item.get_closest_marker("seconds"):
        return float(own.args[0])
    for kind, limit in BUDGET_SECONDS.items():
        if item.get_closest_marker(kind):
            return limit
    return BUDGET_OF_OTHERS_SECONDS
