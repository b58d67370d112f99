"""The Platform API, as the platform's servers call it."""

from collections.abc import AsyncIterator

import pytest

from support.office import Office
from support.platform_callers import TOKEN, Caller, caller


@pytest.fixture
def environment() -> dict[str, str]:
    return {"COGNIGY_PLATFORM_APP_TOKEN": TOKEN}


@pytest.fixture
async def platform(office: Office) -> AsyncIterator[Caller]:
    """The platform, with the right token."""
    made = caller(office)
    yield made
    await made.http.aclose()
