"""Live Agent on both databases, with time that stands still."""

from collections.abc import AsyncIterator

import pytest

from kernel.db import Database
from support.clock import FrozenClock
from support.office import Office, new_office


@pytest.fixture
def environment() -> dict[str, str]:
    """What a test changes in the environment; override it."""
    return {}


@pytest.fixture
async def office(
    database: Database, clock: FrozenClock, environment: dict[str, str]
) -> AsyncIterator[Office]:
    """The application with the account Acme and nobody in it."""
    office = new_office(database, clock, environment)
    office.account = await office.add_account()
    yield office
    await office.state.provider.close()
    await office.state.checkups.close()
