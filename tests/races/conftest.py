"""Both systems with their servers, ready for a race. The tests of a module share them."""

from collections.abc import Iterator

import pytest

from support.races import Scene, prepared


@pytest.fixture(scope="module")
def two_servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """On PostgreSQL, with two processes of each system."""
    databases = request.getfixturevalue("_all_databases")
    scene = prepared(databases, "postgresql", tmp_path_factory.mktemp("two-servers"))
    with scene.pair.running(replicas=2):
        yield scene


@pytest.fixture(scope="module")
def one_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """On SQLite, which is for one server process of each system."""
    databases = request.getfixturevalue("_all_databases")
    scene = prepared(databases, "sqlite", tmp_path_factory.mktemp("one-server"))
    with scene.pair.running():
        yield scene
