"""The Platform API does what its OpenAPI document says, whatever it is asked."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from starlette.types import ASGIApp

from kernel.db import open_database
from kernel.settings import load
from kernel.web.api.application import permission_of, routes_of
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.api.application import api
from live_agent.app import build_app
from live_agent.settings import Settings
from support.clock import FrozenClock
from support.office import BASE, ENVIRONMENT, Office
from support.openapi import faults_of, in_process
from support.platform_callers import TOKEN

PERSON = agents.Identity(BASE, "ada-1", "ada@acme.example", "Ada", "en", ("agent",), 1)


def making(url: str) -> Callable[[], Awaitable[ASGIApp]]:
    """The application with the account 1, opened where it is asked."""

    async def make() -> ASGIApp:
        database = await open_database(url, pool_size=4)
        async with database.transaction() as tx:
            account = await accounts.create(tx, "Acme", "a" * 24, 0)
            await agents.create_linked(tx, account.id, PERSON, 0)
        settings = load(Settings, ENVIRONMENT | {"COGNIGY_PLATFORM_APP_TOKEN": TOKEN})
        return build_app(settings, database, FrozenClock(), background=False)

    return make


def test_with_the_token_every_answer_is_as_documented(database_url: str):
    with in_process(making(database_url)) as app:
        faults, statuses = faults_of(app, {"api_access_token": TOKEN}, base_url=BASE, examples=8)
    assert faults == []
    assert {200, 201, 204, 400, 401, 404, 405, 409} <= set(statuses)
    assert statuses.total() > 250


@pytest.mark.parametrize("engine", ["sqlite"])
def test_with_a_wrong_token_every_refusal_is_as_documented(database_url: str):
    with in_process(making(database_url)) as app:
        faults, statuses = faults_of(
            app, {"api_access_token": "of-nobody"}, base_url=BASE, examples=2
        )
    assert faults == []
    assert {401, 405, 429} <= set(statuses)
    assert not {200, 201, 204} & set(statuses)


def test_every_operation_needs_the_token():
    found = list(routes_of(api))
    assert len(found) >= 11
    assert {permission_of(route) for _, route in found} == {"platform token", "user token"}
    for path, operations in api.openapi()["paths"].items():
        scheme = "platformToken" if path.startswith("/platform/") else "userToken"
        for operation in operations.values():
            assert operation["security"] == [{scheme: []}], path


@pytest.fixture
async def browser(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    async with office.browser() as client:
        yield client


async def test_the_page_explains_every_operation(browser: httpx.AsyncClient):
    page = await browser.get("/openapi")
    assert page.status_code == 200
    for path, route in routes_of(api):
        for method in route.methods or ():
            assert f"<code>{method} {path}</code>" in page.text
    for text in ("platform_token_wrong", "active | suspended", "api_access_token"):
        assert text in page.text, text
    document = await browser.get("/openapi.json")
    assert document.json()["info"]["title"] == "Live Agent API"
    scheme = document.json()["components"]["securitySchemes"]["platformToken"]
    assert (scheme["in"], scheme["name"]) == ("header", "api_access_token")
