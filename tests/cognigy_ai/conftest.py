"""Cognigy.AI on both databases, with time that stands still."""

import pytest

from cognigy_ai.app import build_app
from kernel.db import Database
from support.clock import FrozenClock
from support.platform import Platform, settings_of


@pytest.fixture
def environment() -> dict[str, str]:
    """What a test changes in the environment; override it."""
    return {}


@pytest.fixture
def platform(database: Database, clock: FrozenClock, environment: dict[str, str]) -> Platform:
    """The application, without an organisation and without signing keys (an RSA key is slow)."""
    app = build_app(settings_of(environment), database, clock, background=False)
    return Platform(database, clock, app)


@pytest.fixture
async def acme(platform: Platform) -> Platform:
    """The same with the organisation Acme."""
    await platform.add_organisation()
    return platform
