"""Accounts by the Platform API: set up once, suspended, deleted for good."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from kernel.db import open_database
from live_agent.accounts import actions as accounts
from live_agent.migration.actions import Entered
from live_agent.problems import Problem
from support.clock import FrozenClock
from support.office import ACME, Office, new_office
from support.platform_callers import TOKEN, Caller, caller

GLOBEX = "bbbbbbbbbbbbbbbbbbbbbbbb"


# --- create ---------------------------------------------------------------------------------------


async def test_an_organisation_gets_an_account(platform: Caller, office: Office):
    given = {"name": " Globex ", "organisation_id": GLOBEX}
    answer = await platform.asks("POST", "/accounts", json=given)
    made = answer.json()
    assert answer.status_code == 201
    assert made == {
        "id": made["id"],
        "name": "Globex",
        "organisation_id": GLOBEX,
        "status": "active",
        "oauth_login": True,
        "created_at": office.now,
    }
    assert answer.headers["location"] == f"/platform/api/v1/accounts/{made['id']}"
    assert await platform.reads(f"/accounts/{made['id']}") == made
    (event,) = [row for row in await office.events("account.created") if row["account_id"] != 1]
    assert json.loads(event["details"]) == {"by": "platform", "organisation_id": GLOBEX}
    await office.enter(organisation=GLOBEX)


async def test_the_name_that_older_callers_use_is_understood(platform: Caller):
    given = {"name": "Globex", "cognigy_organization_id": GLOBEX}
    answer = await platform.asks("POST", "/accounts", json=given)
    assert (answer.status_code, answer.json()["organisation_id"]) == (201, GLOBEX)
    await platform.refused(
        "POST", "/accounts", 400, "request_invalid", json=given | {"organisation_id": GLOBEX}
    )


async def test_asking_again_finds_the_account_and_changes_nothing(platform: Caller, office: Office):
    first = await platform.creates(GLOBEX, "Globex")
    answer = await platform.asks(
        "POST", "/accounts", json={"name": "Another name", "organisation_id": GLOBEX}
    )
    assert (answer.status_code, answer.json()) == (200, first)
    assert len(await office.rows("accounts")) == 2


async def test_an_account_that_an_operator_mapped_is_adopted(platform: Caller, office: Office):
    old = await office.add_account("Old Globex", None)
    async with office.database.transaction() as tx:
        await accounts.map_organisation(tx, old.id, GLOBEX, office.now)
    answer = await platform.asks(
        "POST", "/accounts", json={"name": "Globex", "organisation_id": GLOBEX}
    )
    assert (answer.status_code, answer.json()["id"]) == (200, old.id)
    assert answer.json()["name"] == "Old Globex"


async def test_of_eight_simultaneous_set_ups_one_makes_the_account(
    database_url: str, clock: FrozenClock
):
    """Two servers on PostgreSQL, one on SQLite, each with requests side by side."""
    servers = 1 if database_url.startswith("sqlite") else 2
    databases = [await open_database(database_url, pool_size=8) for _ in range(servers)]
    environment = {"COGNIGY_PLATFORM_APP_TOKEN": TOKEN}
    offices = [new_office(one, clock, environment) for one in databases]
    given = {"name": "Globex", "organisation_id": GLOBEX}

    async def set_up(number: int) -> httpx.Response:
        return await caller(offices[number % servers]).asks("POST", "/accounts", json=given)

    answers = await asyncio.gather(*(set_up(number) for number in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await offices[0].rows("accounts")) == 1
    assert len(await offices[0].events("account.created")) == 1
    for office in offices:
        await office.state.provider.close()
    for database in databases:
        await database.close()


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Globex"},
        {"organisation_id": GLOBEX},
        {"name": "", "organisation_id": GLOBEX},
        {"name": " \t ", "organisation_id": GLOBEX},
        {"name": "a\nb", "organisation_id": GLOBEX},
        {"name": "a\0", "organisation_id": GLOBEX},
        {"name": "a" * 201, "organisation_id": GLOBEX},
        {"name": "Globex", "organisation_id": ""},
        {"name": "Globex", "organisation_id": "b\0"},
        {"name": "Globex", "organisation_id": "b" * 256},
        {"name": "Globex", "organisation_id": 7},
        {"name": "Globex", "organisation_id": None},
        {"name": "Globex", "organisation_id": [GLOBEX]},
        {"name": "Globex", "organisation_id": GLOBEX, "id": 1},
        {"name": "Globex", "organisation_id": GLOBEX, "oauth_login": False},
        [],
    ],
    ids=json.dumps,
)
async def test_an_account_that_cannot_be_made_is_refused(
    platform: Caller, office: Office, given: Any
):
    await platform.refused("POST", "/accounts", 400, "request_invalid", json=given)
    assert len(await office.rows("accounts")) == 1


async def test_a_name_in_any_script_is_kept(platform: Caller):
    name = "株式会社グロベックス 🚀 <b>&amp;"
    assert (await platform.creates(GLOBEX, name))["name"] == name


async def test_a_huge_body_is_refused(platform: Caller, office: Office):
    given = {"name": "a" * 100_000, "organisation_id": GLOBEX}
    await platform.refused("POST", "/accounts", 413, "request_too_large", json=given)


# --- read -----------------------------------------------------------------------------------------


async def test_accounts_are_listed_in_pages_without_gap_or_repetition(
    platform: Caller, office: Office
):
    made = [office.account.id]
    made += [(await platform.creates(f"org-{number}"))["id"] for number in range(6)]
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await platform.reads("/accounts", params={"limit": 3, "after": after})
        assert len(page["accounts"]) <= 3
        seen += [one["id"] for one in page["accounts"]]
        after = page["next"]
    assert seen == made


async def test_the_account_of_an_organisation_is_found(platform: Caller, office: Office):
    found = await platform.reads("/accounts", params={"organisation_id": ACME})
    assert [one["id"] for one in found["accounts"]] == [office.account.id]
    nothing = await platform.reads("/accounts", params={"organisation_id": GLOBEX})
    assert nothing == {"accounts": [], "next": None}


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=101", "limit=-1", "limit=x", "after=-1", f"after={2**31}"),
        *(f"after={2**63}", "after=1&after=2", "organisation_id=%00", "offset=10"),
    ],
)
async def test_a_list_that_cannot_be_made_is_refused(platform: Caller, query: str):
    await platform.refused("GET", f"/accounts?{query}", 400, "request_invalid")


@pytest.mark.parametrize("number", ["0", "-1", "99", "2147483647", "2147483648", str(2**63)])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_a_number_that_no_account_has_is_unknown(platform: Caller, method: str, number: str):
    options = {"json": {"name": "x"}} if method == "PATCH" else {}
    path = f"/accounts/{number}"
    await platform.refused(method, path, 404, "account_unknown", **options)
    if method == "GET":
        await platform.refused(method, f"{path}/account_users", 404, "account_unknown")


@pytest.mark.parametrize(
    "path",
    [
        *("/accounts/", "/accounts/one", "/accounts/1/", "/accounts/%00", "/accounts/1%00"),
        *("/users", "/users/us_1/login", "/agent_bots", "", "/", f"/accounts/{'9' * 5000}"),
    ],
    ids=lambda path: path[:20] or "prefix",
)
async def test_what_is_not_there_is_a_problem_and_no_page(platform: Caller, path: str):
    await platform.refused("GET", path, 404, "address_unknown")


@pytest.mark.parametrize("path", ["/users", "/users/us_1/login", "/agent_bots", "/accounts/"])
async def test_nobody_is_made_or_logged_in_as_somebody_else(platform: Caller, path: str):
    """`users/{id}/login` would be a back door."""
    for method in ("GET", "POST"):
        await platform.refused(method, path, 404, "address_unknown")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/accounts", "GET, POST"),
        ("HEAD", "/accounts", "GET, POST"),
        ("OPTIONS", "/accounts", "GET, POST"),
        ("POST", "/accounts/1", "DELETE, GET, PATCH"),
        ("POST", "/accounts/1/account_users", "DELETE, GET"),
        ("POST", "/users/us_1", "DELETE, GET"),
        ("PATCH", "/users/us_1", "DELETE, GET"),
    ],
)
async def test_a_method_that_is_not_there_is_refused(
    platform: Caller, method: str, path: str, allowed: str
):
    answer = await platform.asks(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.headers["content-type"] == "application/problem+json"


# --- change ---------------------------------------------------------------------------------------


async def test_a_suspended_account_ends_its_sessions_and_lets_nobody_in(
    platform: Caller, office: Office
):
    entered = await office.enter()
    changed = await platform.changes(office.account.id, status="suspended")
    assert changed["status"] == "suspended"
    assert await office.session(entered.session_secret) is None
    assert (await office.rows("sessions"))[0]["ended_because"] == "suspended"
    assert await office.refusal() == Problem.ORGANISATION_SUSPENDED
    assert (await platform.changes(office.account.id, status="active"))["status"] == "active"
    assert await office.session(entered.session_secret) is None
    await office.enter()


async def test_a_status_that_is_so_already_is_written_once(platform: Caller, office: Office):
    for status in ("suspended", "suspended", "active", "active"):
        await platform.changes(office.account.id, status=status, organisation_id=ACME)
    events = [row["event"] for row in await office.rows("audit_events")]
    assert events.count("account.suspended") == events.count("account.resumed") == 1


async def test_another_organisation_than_the_accounts_changes_nothing(
    platform: Caller, office: Office
):
    unmapped = await office.add_account("Old", None)
    entered = await office.enter()
    for account in (office.account, unmapped):
        change = {"name": "New", "status": "suspended", "organisation_id": GLOBEX}
        path = f"/accounts/{account.id}"
        await platform.refused("PATCH", path, 409, "organisation_differs", json=change)
        found = await platform.reads(path)
        assert (found["name"], found["status"]) == (account.name, "active")
        assert found["organisation_id"] == account.organisation_id
    assert await office.session(entered.session_secret) is not None


async def test_a_change_names_what_it_changes_and_nothing_else(platform: Caller, office: Office):
    number = office.account.id
    before = await platform.reads(f"/accounts/{number}")
    for change in ({}, {"name": None, "status": None, "organisation_id": None}):
        assert await platform.changes(number, **change) == before
    assert await platform.changes(number, name="New") == before | {"name": "New"}
    for wrong in ({"status": "deleted"}, {"oauth_login": False}, {"id": 7}, {"name": ""}):
        await platform.refused("PATCH", f"/accounts/{number}", 400, "request_invalid", json=wrong)


# --- delete ---------------------------------------------------------------------------------------


async def test_a_deleted_account_is_as_unknown_as_one_that_never_was(
    platform: Caller, office: Office
):
    number = office.account.id
    await office.add_old_user(email="old@acme.example")
    await office.pending_browser(email="old@acme.example", subject="old-1", email_verified=False)
    entered = await office.enter()
    await platform.deletes(f"/accounts/{number}")
    assert await office.session(entered.session_secret) is None
    for table in ("users", "sessions", "api_tokens", "old_links", "pending_links", "conflicts"):
        assert await office.rows(table) == [], table
    for method in ("GET", "PATCH", "DELETE"):
        await platform.refused(
            method, f"/accounts/{number}", 404, "account_unknown", json={"status": "active"}
        )
    assert (await platform.reads("/accounts"))["accounts"] == []
    assert await office.refusal() == Problem.ORGANISATION_NOT_FOUND
    (event,) = await office.events("account.deleted")
    assert (event["account_id"], json.loads(event["details"])) == (number, {"by": "platform"})


async def test_the_number_of_a_deleted_account_is_never_given_again(
    platform: Caller, office: Office
):
    number = office.account.id
    await platform.deletes(f"/accounts/{number}")
    again = await platform.creates(ACME)
    assert again["id"] != number
    assert (await office.enter()).account_id == again["id"]
    await platform.refused("GET", f"/accounts/{number}", 404, "account_unknown")


async def test_deleting_one_account_leaves_the_others(platform: Caller, office: Office):
    other = await platform.creates(GLOBEX)
    theirs = await office.enter(organisation=GLOBEX, subject="bob-1", email="bob@globex.example")
    await office.enter()
    await platform.deletes(f"/accounts/{office.account.id}")
    assert await office.session(theirs.session_secret) is not None
    assert [row["account_id"] for row in await office.rows("users")] == [other["id"]]


async def test_logins_beside_a_deletion_leave_nobody_in_the_deleted_account(
    platform: Caller, office: Office
):
    async def arrive(number: int) -> object:
        try:
            return await office.arrive(subject=f"p-{number}", email=f"p{number}@acme.example")
        except Exception as error:
            return getattr(error, "problem", error)

    logins = [arrive(number) for number in range(6)]
    path = f"/accounts/{office.account.id}"
    *outcomes, gone = await asyncio.gather(*logins, platform.asks("DELETE", path))
    assert gone.status_code == 204
    for outcome in outcomes:
        assert isinstance(outcome, Entered) or outcome == Problem.ORGANISATION_NOT_FOUND, outcome
        if isinstance(outcome, Entered):
            assert await office.session(outcome.session_secret) is None
    assert await office.rows("users") == []
