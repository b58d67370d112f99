"""The JSON API does what its OpenAPI document says, whatever it is asked."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.types import ASGIApp

from cognigy_ai.api.platform_api import API
from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.api_keys import rules
from cognigy_ai.app import build_app
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import NewUser
from kernel.db import open_database
from kernel.opaque import fingerprint
from kernel.web.api.application import permission_of, routes_of
from support.clock import FrozenClock
from support.openapi import faults_of, in_process
from support.platform import ACME, BASE, Platform, settings_of

ADMINS, OPERATORS = "ck_" + "a" * 43, "ck_" + "o" * 43
GRACE = "grace@acme.example"
# What no schema can say: which passwords are weak, and which cursors a list gave.
JUDGED = {"positive_data_acceptance": {"expected-statuses": [200, 201, 400, 401, 403, 404, 409]}}
MADE_OF_ONE_KIND = {
    "generation": {
        "deterministic": True,
        "database": "none",
        "max-examples": 6,
        "no-shrink": True,
        "with-security-parameters": False,  # two credentials in one request are refused
    },
    "operations": [
        {"include-path-regex": "(users|organisations|auditevents)$", "checks": JUDGED},
    ],
}


def making(url: str) -> Callable[[], Awaitable[ASGIApp]]:
    """The application with people, an admin's key and an operator's, opened where it is asked."""

    async def make() -> ASGIApp:
        database, clock = await open_database(url, pool_size=4), FrozenClock()
        now = clock.now()
        async with database.transaction() as tx:
            await organisations.create(tx, "Acme", now, ACME)
            for email, role in ((GRACE, "odata"), ("ada@acme.example", "admin")):
                user_id = await users.create(tx, NewUser(ACME, email, "Somebody", (role,)), now)
            places = ((ADMINS, rules.Place(user_id, ACME)), (OPERATORS, rules.Place()))
            for secret, place in places:
                await api_keys.store.add(
                    tx,
                    key=fingerprint(secret)[:32],
                    mark=fingerprint(secret),
                    hint=secret[:8],
                    new_name="Fuzzing",
                    owner=place.owner_id,
                    organisation=place.organisation_id,
                    now=now,
                    expires_at=now + 3600,
                )
        return build_app(settings_of(), database, clock, background=False)

    return make


@pytest.mark.parametrize(
    ("key", "statuses"),
    [
        (ADMINS, {200, 201, 400, 401, 403, 404, 405}),
        (OPERATORS, {200, 201, 400, 401, 404, 405}),
    ],
    ids=["admin", "operator"],
)
def test_with_a_key_every_answer_is_as_documented(database_url: str, key: str, statuses: set[int]):
    with in_process(making(database_url)) as app:
        faults, found = faults_of(app, {"X-API-Key": key}, base_url=BASE, **MADE_OF_ONE_KIND)
    assert faults == []
    assert statuses <= set(found)
    assert 500 not in found


@pytest.mark.parametrize("engine", ["sqlite"])
def test_without_a_key_every_refusal_is_as_documented(database_url: str):
    with in_process(making(database_url)) as app:
        nobodys = {"X-API-Key": "ck_" + "x" * 43}
        faults, found = faults_of(app, nobodys, base_url=BASE, **MADE_OF_ONE_KIND)
    assert faults == []
    assert {401, 405} <= set(found)
    assert not {200, 201, 204, 403, 404} & set(found)


def test_every_operation_needs_a_credential_and_a_permission():
    assert all(permission_of(route) for _, route in routes_of(API))
    for path in API.openapi()["paths"].values():
        for operation in path.values():
            assert operation["security"] == [{"ApiKey": []}, {"AccessToken": []}]


async def test_the_page_explains_every_operation(acme: Platform):
    async with acme.browser() as browser:
        page = await browser.get("/openapi")
        document = await browser.get("/openapi.json")
    assert page.status_code == 200
    for path, route in routes_of(API):
        for method in route.methods or ():
            assert f"<code>{method} {path}</code>" in page.text
    for text in ("credential_invalid", "X-API-Key", "addroletouser"):
        assert text in page.text
    schemes = document.json()["components"]["securitySchemes"]
    assert schemes["ApiKey"]["name"] == "X-API-Key"


@pytest.mark.parametrize("path", ["/v2.0/nothing", "/management/v2.0", "/new/v2.0/nothing"])
async def test_an_unknown_address_is_answered_as_a_problem(acme: Platform, path: str):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(acme.app), base_url=BASE) as program:
        answer = await program.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "address_unknown")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
