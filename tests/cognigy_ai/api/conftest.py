"""Programs that call the JSON API, each with a key of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.users.rules import User
from support.platform import BASE, Platform

GLOBEX = "b" * 24
NOBODY = "f" * 24
Program = Callable[[str], httpx.AsyncClient]
Keeper = Callable[[User], Awaitable[str]]


async def key_of(platform: Platform, owner: User) -> str:
    ends = platform.now + 3600
    async with platform.database.transaction() as tx:
        return (await api_keys.create(tx, owner, "A program", ends, platform.now)).secret


async def operators_key(platform: Platform) -> str:
    async with platform.database.transaction() as tx:
        ends = platform.now + 3600
        return (await api_keys.create_for_operator(tx, "Robot", ends, platform.now)).secret


def program_of(platform: Platform, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(platform.app), base_url=BASE, headers=headers
    )


@pytest.fixture
async def admin(acme: Platform) -> User:
    return await acme.add_user("ada@acme.example", roles=("admin",))


@pytest.fixture
async def manager(acme: Platform, admin: User) -> User:
    """Manages people and has keys, and is no admin."""
    roles = ("userManager", "apiKeys")
    return await acme.add_user("mia@acme.example", name="Mia Manager", roles=roles)


@pytest.fixture
async def api(acme: Platform, admin: User) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a key of the admin of Acme."""
    async with program_of(acme, **{"x-api-key": await key_of(acme, admin)}) as program:
        yield program


@pytest.fixture
async def managers(acme: Platform, manager: User) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a key of the user manager."""
    async with program_of(acme, **{"x-api-key": await key_of(acme, manager)}) as program:
        yield program


@pytest.fixture
async def operator(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a key of an operator."""
    async with program_of(acme, **{"x-api-key": await operators_key(acme)}) as program:
        yield program


@pytest.fixture
async def globex(acme: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A program of the admin of another organisation."""
    await acme.add_organisation(GLOBEX, "Globex")
    mallory = await acme.add_user("mallory@globex.example", organisation=GLOBEX, roles=("admin",))
    async with program_of(acme, **{"x-api-key": await key_of(acme, mallory)}) as program:
        yield program
