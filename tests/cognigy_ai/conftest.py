"""Cognigy.AI on both databases, with time that stands still."""

from collections.abc import AsyncIterator

import pytest

from cognigy_ai.app import build_app
from kernel.db import Database
from support.clock import FrozenClock
from support.platform import Platform, settings_of
from support.small_live_agent import SmallLiveAgent, small_live_agent


@pytest.fixture
def environment() -> dict[str, str]:
    """What a test changes in the environment; override it."""
    return {}


@pytest.fixture
async def live_agent() -> AsyncIterator[SmallLiveAgent]:
    """A Live Agent for the platform to call; `environment` has to name it."""
    async with small_live_agent() as running:
        yield running


@pytest.fixture
async def platform(
    database: Database, clock: FrozenClock, environment: dict[str, str]
) -> AsyncIterator[Platform]:
    """The application, without an organisation and without signing keys (an RSA key is slow)."""
    app = build_app(settings_of(environment), database, clock, background=False)
    yield Platform(database, clock, app)
    await app.state.live_agent.api.close()


@pytest.fixture
async def acme(platform: Platform) -> Platform:
    """The same with the organisation Acme."""
    await platform.add_organisation()
    return platform
