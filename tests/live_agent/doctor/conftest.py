"""Databases with people in them, planted once."""

import asyncio
from pathlib import Path

import pytest

from support.databases import Databases
from support.drill import Seed


@pytest.fixture(scope="package")
def seed(_all_databases: Databases) -> Seed:
    urls = [_all_databases.fresh("sqlite", name) for name in ("cognigy_ai", "live_agent")]
    paths = [Path(url.removeprefix("sqlite:///")) for url in urls]
    return asyncio.run(Seed.plant(*paths))
