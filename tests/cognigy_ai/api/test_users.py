"""/v2.0/users: the same rules as the pages, and nobody of another organisation."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import User
from kernel.outbox import Letter
from support.platform import ACME, OUTBOX, PASSWORD, Platform

USERS = "/v2.0/users"
GLOBEX = "b" * 24
NOBODY = "f" * 24
GOOD = {"email": "grace@acme.example", "name": "Grace Hopper", "roles": ["liveAgentAgent"]}
LONG = "four plain words together"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def create(api: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    return await api.post(USERS, json=GOOD | changes)


async def letters(platform: Platform) -> list[Letter]:
    return await OUTBOX.lease(platform.database, platform.now)


async def test_a_person_is_made_and_invited(acme: Platform, api: httpx.AsyncClient):
    answer = await create(api)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"{USERS}/{made['_id']}"
    assert made == {
        "_id": made["_id"],
        "id": "grace@acme.example",
        "name": "Grace Hopper",
        "email": "grace@acme.example",
        "emailVerified": False,
        "organisation": ACME,
        "roles": ["base_role", "liveAgentAgent"],
        "locale": "en",
        "disabled": False,
        "createdAt": made["createdAt"],
        "lastChanged": made["createdAt"],
        "createdBy": made["createdBy"],
        "lastChangedBy": made["createdBy"],
        "lastActive": None,
    }
    assert made["createdAt"].endswith("Z")
    assert (await api.get(answer.headers["location"])).json() == made
    assert await users.find_digest(acme.database, made["_id"]) is None


async def test_an_invitation_says_who_invites(
    acme: Platform, api: httpx.AsyncClient, operator: httpx.AsyncClient
):
    await create(api)
    managed = {"id": "eve@acme.example", "name": "Eve", "organisation": ACME}
    assert (await operator.post("/management/v2.0/users", json=managed)).status_code == 201
    sent = {one.payload["to"]: one for one in await letters(acme)}
    assert {one.kind for one in sent.values()} == {"mail.invitation"}
    assert sent["grace@acme.example"].payload["invited_by"] == "Ada Lovelace"
    assert sent["eve@acme.example"].payload["invited_by"] == "Acme"


async def test_a_given_password_has_to_be_changed_at_the_first_sign_in(
    acme: Platform, api: httpx.AsyncClient
):
    answer = await create(api, password=LONG)
    assert answer.status_code == 201
    assert LONG not in answer.text
    assert await users.find_digest(acme.database, answer.json()["_id"]) is not None
    assert await letters(acme) == []


@pytest.mark.parametrize("password", ["short", "Grace Hopper 1906", "password1234", "x" * 2000])
async def test_a_weak_password_is_refused_with_the_reason(api: httpx.AsyncClient, password: str):
    answer = await create(api, password=password)
    assert code_of(answer) == (400, "password_refused")
    assert len(answer.json()["detail"]) > 20
    assert password not in answer.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "not an address"}, "request_invalid"),
        ({"email": "not an@address"}, "email_invalid"),
        ({"email": "ada@acme.example"}, "user_exists"),
        ({"email": " ADA@acme.example"}, "user_exists"),
        ({"name": ""}, "request_invalid"),
        ({"name": "a\0b"}, "request_invalid"),
        ({"name": "\ud800"}, "request_invalid"),
        ({"name": 7}, "request_invalid"),
        ({"roles": ["emperor"]}, "role_unknown"),
        ({"roles": "admin"}, "request_invalid"),
        ({"locale": "tlh"}, "locale_unknown"),
        ({"organisation": GLOBEX}, "request_invalid"),
        ({"emailVerified": True}, "request_invalid"),
        ({"email_verified": True}, "request_invalid"),
        ({"_id": NOBODY}, "request_invalid"),
        ({"password_digest": "x"}, "request_invalid"),
    ],
)
async def test_a_person_is_made_of_known_and_fitting_values(
    api: httpx.AsyncClient, changes: dict[str, Any], code: str
):
    content = json.dumps(GOOD | changes)
    answer = await api.post(USERS, content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 409)
    assert answer.json()["code"] == code
    assert len((await api.get(USERS)).json()["items"]) == 1


async def test_a_user_manager_makes_people_but_no_admin(managers: httpx.AsyncClient):
    assert (await create(managers)).status_code == 201
    refused = await create(managers, email="eve@acme.example", roles=["admin"])
    assert code_of(refused) == (403, "permission_missing")


# --- one person -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "Mallory"}),
        ("DELETE", "", None),
        ("POST", "/addroletouser", {"role": "odata"}),
        ("POST", "/removerolefromuser", {"role": "odata"}),
        ("POST", "/disable", None),
        ("POST", "/enable", None),
    ],
)
async def test_people_of_another_organisation_are_as_absent(
    acme: Platform,
    globex: httpx.AsyncClient,
    method: str,
    path: str,
    body: dict[str, str] | None,
):
    person = await acme.add_user("grace@acme.example")

    async def to(user_id: str) -> httpx.Response:
        return await globex.request(method, f"{USERS}/{user_id}{path}", json=body)

    foreign, absent = await to(person.id), await to(NOBODY)
    assert code_of(foreign) == code_of(absent) == (404, "user_unknown")
    left = [{**a.json(), "traceId": "", "instance": ""} for a in (foreign, absent)]
    assert left[0] == left[1]
    assert await users.get(acme.database, person.id) == person


@pytest.mark.parametrize("user_id", ["%00", "x" * 3000, "a%2Fb", "%F0%9F%A6%8A", "..", "'--"])
async def test_an_odd_id_is_nobody(api: httpx.AsyncClient, user_id: str):
    assert (await api.get(f"{USERS}/{user_id}")).status_code == 404


async def test_name_and_language_are_changed(acme: Platform, admin: User, api: httpx.AsyncClient):
    acme.clock.advance(60)
    person = await acme.add_user("grace@acme.example")
    acme.clock.advance(60)
    answer = await api.patch(f"{USERS}/{person.id}", json={"name": "Grace B. Hopper"})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["locale"]) == ("Grace B. Hopper", "en")
    answer = await api.patch(f"{USERS}/{person.id}", json={"locale": "de"})
    assert (answer.json()["name"], answer.json()["locale"]) == ("Grace B. Hopper", "de")
    assert answer.json()["lastChanged"] > answer.json()["createdAt"]
    unchanged = await api.patch(f"{USERS}/{person.id}", json={})
    assert unchanged.json() == answer.json()


@pytest.mark.parametrize(
    "body",
    [
        {"roles": ["admin"]},
        {"organisation": GLOBEX},
        {"email": "mallory@globex.example"},
        {"emailVerified": True},
        {"disabled": False},
        {"password": LONG},
        {"_id": NOBODY},
        [],
        "x",
        None,
    ],
)
async def test_nothing_else_is_changed(acme: Platform, api: httpx.AsyncClient, body: Any):
    person = await acme.add_user("grace@acme.example")
    answer = await api.patch(f"{USERS}/{person.id}", json=body)
    assert code_of(answer) == (400, "request_invalid")
    assert await users.get(acme.database, person.id) == person


async def test_roles_are_given_and_taken(acme: Platform, api: httpx.AsyncClient):
    person = await acme.add_user("grace@acme.example", roles=())
    to = f"{USERS}/{person.id}"
    for _ in range(2):
        answer = await api.post(f"{to}/addroletouser", json={"role": "liveAgentAgent"})
        assert answer.json()["roles"] == ["base_role", "liveAgentAgent"]
    for _ in range(2):
        answer = await api.post(f"{to}/removerolefromuser", json={"role": "liveAgentAgent"})
        assert answer.json()["roles"] == ["base_role"]
    for deed in ("addroletouser", "removerolefromuser"):
        unknown = await api.post(f"{to}/{deed}", json={"role": "emperor"})
        assert code_of(unknown) == (400, "role_unknown")


async def test_a_user_manager_neither_gives_admin_nor_touches_an_admin(
    acme: Platform, admin: User, managers: httpx.AsyncClient, manager: User
):
    refused = [
        await managers.post(f"{USERS}/{manager.id}/addroletouser", json={"role": "admin"}),
        await managers.post(f"{USERS}/{admin.id}/removerolefromuser", json={"role": "admin"}),
        await managers.post(f"{USERS}/{admin.id}/addroletouser", json={"role": "odata"}),
        await managers.patch(f"{USERS}/{admin.id}", json={"name": "Nobody"}),
        await managers.post(f"{USERS}/{admin.id}/disable"),
        await managers.delete(f"{USERS}/{admin.id}"),
    ]
    assert {code_of(answer) for answer in refused} == {(403, "permission_missing")}
    assert await users.get(acme.database, admin.id) == admin


async def test_the_last_administrator_stays(acme: Platform, admin: User, operator: Any):
    to = f"{USERS}/{admin.id}"
    for answer in (
        await operator.post(f"{to}/removerolefromuser", json={"role": "admin"}),
        await operator.post(f"{to}/disable"),
        await operator.delete(to),
    ):
        assert code_of(answer) == (409, "last_administrator")


async def test_of_two_administrators_who_demote_each_other_one_stays(
    acme: Platform, admin: User, api: httpx.AsyncClient, operator: httpx.AsyncClient
):
    other = await acme.add_user("grace@acme.example", roles=("admin",))
    body = {"role": "admin"}
    answers = await asyncio.gather(
        api.post(f"{USERS}/{other.id}/removerolefromuser", json=body),
        operator.post(f"{USERS}/{admin.id}/removerolefromuser", json=body),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_nobody_disables_or_deletes_themselves(
    acme: Platform, admin: User, api: httpx.AsyncClient
):
    await acme.add_user("grace@acme.example", roles=("admin",))
    assert code_of(await api.post(f"{USERS}/{admin.id}/disable")) == (409, "own_account")
    assert code_of(await api.delete(f"{USERS}/{admin.id}")) == (409, "own_account")


async def test_a_person_is_disabled_enabled_and_deleted(acme: Platform, api: httpx.AsyncClient):
    person = await acme.add_user("grace@acme.example")
    to = f"{USERS}/{person.id}"
    assert (await api.post(f"{to}/disable")).json()["disabled"] is True
    assert (await api.post(f"{to}/enable")).json()["disabled"] is False
    deleted = await api.delete(to)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert code_of(await api.get(to)) == (404, "user_unknown")
    assert code_of(await api.delete(to)) == (404, "user_unknown")


# --- lists ----------------------------------------------------------------------------------------


async def people(acme: Platform) -> None:
    for number in range(5):
        await acme.add_user(
            f"p{number}@acme.example",
            name=f"Person Number{number}",
            roles=("liveAgentAgent",) if number % 2 else ("odata",),
        )


async def names(api: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await api.get(USERS, params=query)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


async def test_a_list_is_read_to_its_end_page_by_page(acme: Platform, api: httpx.AsyncClient):
    await people(acme)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await api.get(USERS, params=query)).json()
        assert len(page["items"]) <= 2
        seen += [one["name"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        assert "acme" not in page["nextCursor"]
        query["next"] = page["nextCursor"]
    assert seen == ["Ada Lovelace", *(f"Person Number{n}" for n in range(5))]


async def test_a_list_is_filtered(acme: Platform, api: httpx.AsyncClient):
    await people(acme)
    assert await names(api, filter="number3 pers") == ["Person Number3"]
    assert await names(api, filter="p4@acme") == ["Person Number4"]
    assert await names(api, filter="nobody") == []
    assert await names(api, filter="\u0301") == []
    assert await names(api, role="liveAgentAgent") == ["Person Number1", "Person Number3"]
    assert await names(api, disabled="true") == []
    assert len(await names(api, disabled="false")) == 6


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "request_invalid"),
        ("limit=101", "request_invalid"),
        ("limit=99999999999999999999999", "request_invalid"),
        ("limit=1&limit=2", "request_invalid"),
        ("limit=x", "request_invalid"),
        ("next=x", "cursor_invalid"),
        ("next=" + "x" * 9000, "request_invalid"),
        ("filter=%00", "request_invalid"),
        ("filter=" + "x" * 201, "request_invalid"),
        ("role=emperor", "role_unknown"),
        ("disabled=perhaps", "request_invalid"),
        ("organisation=x", "request_invalid"),
        ("sort=password_digest", "request_invalid"),
    ],
)
async def test_a_list_is_asked_for_with_fitting_values(
    api: httpx.AsyncClient, query: str, code: str
):
    assert code_of(await api.get(f"{USERS}?{query}")) == (400, code)


async def test_a_list_of_another_organisation_is_as_absent(
    acme: Platform, globex: httpx.AsyncClient
):
    for organisation in (ACME, NOBODY):
        answer = await globex.get(USERS, params={"organisation": organisation})
        assert code_of(answer) == (404, "organisation_unknown")
    assert [one["id"] for one in (await globex.get(USERS)).json()["items"]] == [
        "mallory@globex.example"
    ]


async def test_a_cursor_of_another_organisation_shows_nobody_of_it(
    acme: Platform, api: httpx.AsyncClient, globex: httpx.AsyncClient
):
    await people(acme)
    cursor = (await api.get(USERS, params={"limit": 1})).json()["nextCursor"]
    found = (await globex.get(USERS, params={"next": cursor})).json()["items"]
    assert all(one["organisation"] == GLOBEX for one in found)


async def test_an_operator_names_the_organisation(
    acme: Platform, admin: User, operator: httpx.AsyncClient
):
    assert code_of(await operator.get(USERS)) == (400, "organisation_missing")
    assert await names(operator, organisation=ACME) == ["Ada Lovelace"]
    assert (await operator.get(f"{USERS}/{admin.id}")).status_code == 200
    assert code_of(await create(operator)) == (400, "organisation_missing")


async def test_no_list_holds_a_digest(acme: Platform, api: httpx.AsyncClient):
    await acme.add_user("grace@acme.example", password=PASSWORD)
    assert "argon2" not in (await api.get(USERS)).text
