"""The account of `support.moves_town`, empty and full."""

from collections.abc import AsyncIterator

import pytest

from kernel.db import Database
from support.clock import FrozenClock
from support.moves_town import Town, fill
from support.office import new_office


@pytest.fixture
async def town(database: Database, clock: FrozenClock) -> AsyncIterator[Town]:
    office = new_office(database, clock, {})
    office.account = await office.add_account()
    yield Town(office)
    await office.state.readings.close()
    await office.state.provider.close()


@pytest.fixture
async def full_town(town: Town) -> Town:
    fill(town)
    await town.keep()
    return town
