"""A database with the kernel's own tables, a clock and a key ring."""

from collections.abc import AsyncIterator

import pytest

from kernel.db import Database, open_database
from kernel.keyring import KeyRing
from support.clock import FrozenClock
from support.databases import Databases
from support.kernel_tables import create_tables


@pytest.fixture
def database_url(engine: str, databases: Databases) -> str:
    return databases.empty(engine)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url)
    await create_tables(opened)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def keyring() -> KeyRing:
    return KeyRing("a secret of this test, long enough for anybody")
