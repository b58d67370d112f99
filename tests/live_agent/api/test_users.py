"""Users by the Platform API: read and deleted, never made."""

import json

import pytest
from sqlalchemy import insert

from live_agent.db import tables
from support.office import Office
from support.platform_callers import Caller

GLOBEX = "bbbbbbbbbbbbbbbbbbbbbbbb"


async def test_a_user_is_shown_without_what_logs_them_in(platform: Caller, office: Office):
    entered = await office.enter()
    old = await office.add_old_user(email="old@acme.example", name="Old", roles=("supervisor",))
    assert await platform.reads(f"/users/{entered.user_id}") == {
        "id": entered.user_id,
        "account_id": office.account.id,
        "name": "Ada Lovelace",
        "email": "ada@acme.example",
        "roles": ["agent"],
        "status": "active",
        "linked": True,
        "created_at": office.now,
        "last_login_at": office.now,
    }
    await office.disable(old)
    found = await platform.reads(f"/users/{old}")
    assert (found["status"], found["linked"], found["last_login_at"]) == ("disabled", False, None)


async def test_the_users_of_an_account_are_listed_in_pages(platform: Caller, office: Office):
    other = await platform.creates(GLOBEX)
    foreign = await office.add_old_user(account_id=other["id"])
    made = {await office.add_old_user(email=f"u{number}@acme.example") for number in range(5)}
    seen: list[str] = []
    after: str | None = ""
    path = f"/accounts/{office.account.id}/account_users"
    while after is not None:
        page = await platform.reads(path, params={"limit": 2, "after": after})
        assert len(page["account_users"]) <= 2
        assert {one["account_id"] for one in page["account_users"]} == {office.account.id}
        seen += [one["user_id"] for one in page["account_users"]]
        after = page["next"]
    assert seen == sorted(made)
    assert foreign not in seen


async def test_a_page_begins_after_any_text(platform: Caller, office: Office):
    await office.add_old_user()
    path = f"/accounts/{office.account.id}/account_users"
    for after, number in (("", 1), ("a", 1), ("us_", 1), ("v", 0), ("'; --", 1)):
        page = await platform.reads(path, params={"after": after})
        assert len(page["account_users"]) == number, after
    for query in ("after=%00", "limit=0", f"after={'u' * 41}", "page=2"):
        await platform.refused("GET", f"{path}?{query}", 400, "request_invalid")


async def add_token(office: Office, user_id: str) -> None:
    token = {"fingerprint": "f" * 64, "user_id": user_id, "created_at": office.now}
    await office.database.one(insert(tables.api_tokens).values(**token))


@pytest.mark.parametrize("way", ["user", "account_user"])
async def test_a_deleted_user_is_out_at_once(platform: Caller, office: Office, way: str):
    entered = await office.enter()
    await add_token(office, entered.user_id)
    if way == "user":
        path, options = f"/users/{entered.user_id}", {}
    else:
        path = f"/accounts/{office.account.id}/account_users"
        options = {"params": {"user_id": entered.user_id}}
    await platform.deletes(path, **options)
    assert await office.session(entered.session_secret) is None
    for table in ("users", "sessions", "api_tokens"):
        assert await office.rows(table) == []
    (event,) = await office.events("user.deleted")
    assert (event["user_id"], json.loads(event["details"])) == (
        entered.user_id,
        {"by": "platform"},
    )
    await platform.refused("DELETE", path, 404, "user_unknown", **options)
    await platform.refused("GET", f"/users/{entered.user_id}", 404, "user_unknown")
    assert (await office.enter()).user_id != entered.user_id


async def test_a_user_of_another_account_is_not_taken_out_of_this_one(
    platform: Caller, office: Office
):
    other = await platform.creates(GLOBEX)
    user = await office.add_old_user()
    path = f"/accounts/{other['id']}/account_users"
    await platform.refused("DELETE", path, 404, "user_unknown", params={"user_id": user})
    assert len(await office.rows("users")) == 1


@pytest.mark.parametrize("query", ["", "user_id=", "user_id=%00", "user_id=a&user_id=b"])
async def test_a_deletion_names_one_user(platform: Caller, office: Office, query: str):
    path = f"/accounts/{office.account.id}/account_users?{query}"
    await platform.refused("DELETE", path, 400, "request_invalid")


@pytest.mark.parametrize("user_id", ["us_1", "'", "a" * 3000, "%F0%9F%9A%80", "..%2f", "1"])
async def test_an_id_that_nobody_has_is_unknown(platform: Caller, user_id: str):
    code = "address_unknown" if "%2f" in user_id else "user_unknown"
    for method in ("GET", "DELETE"):
        await platform.refused(method, f"/users/{user_id}", 404, code)
