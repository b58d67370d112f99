"""/management/v2.0: operators see every organisation, everybody else their own."""

from typing import Any

import httpx
import pytest

from cognigy_ai.users.rules import User
from kernel.web.api.application import permission_of, routes_of
from support.platform import ACME, Platform

ORGANISATIONS = "/management/v2.0/organisations"
USERS = "/management/v2.0/users"
GLOBEX = "b" * 24
NOBODY = "f" * 24
GOOD = {"id": "grace@acme.example", "name": "Grace Hopper", "organisation": ACME}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def listed(api: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await api.get(ORGANISATIONS, params=query)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


async def test_an_operator_makes_renames_suspends_and_resumes(operator: httpx.AsyncClient):
    made = await operator.post(ORGANISATIONS, json={"name": "Initech", "id": NOBODY})
    assert made.status_code == 201
    there = made.headers["location"]
    assert made.json() == {
        "_id": NOBODY,
        "name": "Initech",
        "suspended": False,
        "createdAt": made.json()["createdAt"],
        "liveAgentAccount": None,
    }
    renamed = await operator.patch(there, json={"name": "Initrode"})
    assert renamed.json()["name"] == "Initrode"
    for _ in range(2):
        assert (await operator.post(f"{there}/suspend")).json()["suspended"] is True
    for _ in range(2):
        assert (await operator.post(f"{there}/resume")).json()["suspended"] is False
    assert (await operator.get(there)).json() == renamed.json()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "Acme", "id": ACME}, 409, "organisation_exists"),
        ({"name": "Acme", "id": "x"}, 400, "request_invalid"),
        ({"name": " "}, 400, "request_invalid"),
        ({"name": "x\u200e\u0085"}, 400, "name_invalid"),
        ({}, 400, "request_invalid"),
        ({"name": "Acme", "liveAgentAccount": 1}, 400, "request_invalid"),
    ],
)
async def test_an_organisation_is_made_of_fitting_values(
    operator: httpx.AsyncClient, body: dict[str, Any], status: int, code: str
):
    assert code_of(await operator.post(ORGANISATIONS, json=body)) == (status, code)
    assert await listed(operator) == ["Acme"]


async def test_an_operator_lists_all_page_by_page(acme: Platform, operator: httpx.AsyncClient):
    for name in ("Globex", "Initech", "Umbrella"):
        await operator.post(ORGANISATIONS, json={"name": name})
    first = (await operator.get(ORGANISATIONS, params={"limit": 3})).json()
    assert [one["name"] for one in first["items"]] == ["Acme", "Globex", "Initech"]
    last = await operator.get(ORGANISATIONS, params={"limit": 3, "next": first["nextCursor"]})
    assert [one["name"] for one in last.json()["items"]] == ["Umbrella"]
    assert last.json()["nextCursor"] is None
    assert await listed(operator, skip=2) == ["Initech", "Umbrella"]
    assert await listed(operator, filter="LOB") == ["Globex"]
    assert await listed(operator, filter="%") == []


@pytest.mark.parametrize("query", ["next=x", "skip=-1", "skip=99999999999999999999", "limit=0"])
async def test_a_list_is_asked_for_with_fitting_values(operator: httpx.AsyncClient, query: str):
    assert (await operator.get(f"{ORGANISATIONS}?{query}")).status_code == 400


async def test_next_and_skip_do_not_go_together(acme: Platform, operator: httpx.AsyncClient):
    await operator.post(ORGANISATIONS, json={"name": "Globex"})
    cursor = (await operator.get(ORGANISATIONS, params={"limit": 1})).json()["nextCursor"]
    answer = await operator.get(ORGANISATIONS, params={"next": cursor, "skip": 1})
    assert code_of(answer) == (400, "cursor_invalid")


async def test_an_admin_sees_the_own_organisation_only(
    api: httpx.AsyncClient, globex: httpx.AsyncClient
):
    assert await listed(api) == ["Acme"]
    assert await listed(api, filter="cm") == ["Acme"]
    assert await listed(api, filter="Globex") == []
    assert await listed(api, skip=1) == []
    assert (await api.get(f"{ORGANISATIONS}/{ACME}")).json()["name"] == "Acme"
    foreign, absent = [await globex.get(f"{ORGANISATIONS}/{one}") for one in (ACME, NOBODY)]
    assert code_of(foreign) == code_of(absent) == (404, "organisation_unknown")


async def test_what_is_above_organisations_needs_an_operators_key(api: httpx.AsyncClient):
    there = f"{ORGANISATIONS}/{ACME}"
    for answer in (
        await api.post(ORGANISATIONS, json={"name": "Mine"}),
        await api.patch(there, json={"name": "Mine"}),
        await api.post(f"{there}/suspend"),
        await api.post(f"{there}/resume"),
    ):
        assert code_of(answer) == (403, "operator_key_needed")


async def test_an_absent_organisation_is_not_found(operator: httpx.AsyncClient):
    there = f"{ORGANISATIONS}/{NOBODY}"
    for answer in (
        await operator.get(there),
        await operator.patch(there, json={"name": "Mine"}),
        await operator.post(f"{there}/suspend"),
        await operator.post(f"{there}/resume"),
        await operator.get(f"{ORGANISATIONS}/%00"),
        await operator.get(USERS, params={"organisation": NOBODY}),
        await operator.post(USERS, json=GOOD | {"organisation": NOBODY}),
        await operator.post(USERS, json=GOOD | {"organisation": NOBODY, "password": "x" * 20}),
    ):
        assert answer.status_code == 404


async def test_a_suspended_organisations_keys_stop_at_once(
    api: httpx.AsyncClient, operator: httpx.AsyncClient
):
    await operator.post(f"{ORGANISATIONS}/{ACME}/suspend")
    assert code_of(await api.get(ORGANISATIONS)) == (401, "credential_invalid")
    await operator.post(f"{ORGANISATIONS}/{ACME}/resume")
    assert (await api.get(ORGANISATIONS)).status_code == 200


async def test_people_are_made_in_the_organisation_that_is_named(operator: httpx.AsyncClient):
    made = await operator.post(USERS, json=GOOD | {"roles": ["admin"]})
    assert made.status_code == 201
    assert made.json()["roles"] == ["admin", "base_role"]
    assert made.headers["location"] == f"/v2.0/users/{made.json()['_id']}"
    people = (await operator.get(USERS, params={"organisation": ACME})).json()["items"]
    assert [one["id"] for one in people] == ["grace@acme.example"]


async def test_nobody_makes_people_elsewhere(globex: httpx.AsyncClient, admin: User):
    for organisation in (ACME, NOBODY):
        for more in ({}, {"password": "four plain words together"}):
            body = GOOD | {"organisation": organisation} | more
            answer = await globex.post(USERS, json=body)
            assert code_of(answer) == (404, "organisation_unknown")


async def test_an_admin_makes_people_at_home(api: httpx.AsyncClient):
    assert (await api.post(USERS, json=GOOD)).status_code == 201
    assert len((await api.get(USERS)).json()["items"]) == 2


def test_every_route_names_what_it_needs():
    from cognigy_ai.api.platform_api import API

    found = {path: permission_of(route) for path, route in routes_of(API)}
    assert all(found.values()), found
