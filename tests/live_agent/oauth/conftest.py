"""Live Agent, a provider on a real socket, and a browser between them."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from kernel.db import Database
from support.clock import FrozenClock
from support.oauth_desk import Desk, environment_of, running_desk
from support.provider import Provider, running_provider


@pytest.fixture(scope="session")
def _running_provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(_running_provider: Provider, clock: FrozenClock) -> Provider:
    """An honest provider on loopback, that the test may break."""
    _running_provider.start_over(clock)
    return _running_provider


@pytest.fixture
async def desk(
    database: Database, clock: FrozenClock, provider: Provider, request: pytest.FixtureRequest
) -> AsyncIterator[Desk]:
    """With the account Acme. `parametrize("desk", [{"KEY": "value"}], indirect=True)` sets keys."""
    environment = environment_of(provider, **getattr(request, "param", {}))
    async with running_desk(database, clock, provider, environment) as desk:
        yield desk


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with desk.browser() as browser:
        yield browser
