"""Both systems with their servers, ready for a race."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.databases import Databases
from support.races import Scene, prepared


@pytest.fixture
def two_servers(databases: Databases, tmp_path: Path) -> Iterator[Scene]:
    """On PostgreSQL, with two processes of each system."""
    scene = prepared(databases, "postgresql", tmp_path)
    with scene.pair.running(replicas=2):
        yield scene


@pytest.fixture
def one_server(databases: Databases, tmp_path: Path) -> Iterator[Scene]:
    """On SQLite, which is for one server process of each system."""
    scene = prepared(databases, "sqlite", tmp_path)
    with scene.pair.running():
        yield scene
