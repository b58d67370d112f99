"""/v2.0/auditevents: what happened in one's own organisation."""

from datetime import UTC, datetime

import httpx
import pytest

from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import User
from support.platform import Platform

EVENTS = "/v2.0/auditevents"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def events(api: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await api.get(EVENTS, params=query)
    assert answer.status_code == 200, answer.text
    return [one["event"] for one in answer.json()["items"]]


@pytest.fixture
async def grace(acme: Platform, admin: User) -> User:
    """Somebody to whom something happened."""
    user = await acme.add_user("grace@acme.example", roles=())
    async with acme.database.transaction() as tx:
        for role in ("odata", "apiKeys"):
            acme.clock.advance(60)
            await users.add_role(tx, user.id, role, acme.now)
    return user


async def test_the_newest_comes_first(api: httpx.AsyncClient, grace: User):
    found = (await api.get(EVENTS, params={"user": grace.id, "limit": "2"})).json()
    assert [one["details"] for one in found["items"]] == [{"role": "apiKeys"}, {"role": "odata"}]
    assert {one["event"] for one in found["items"]} == {"user.role_given"}
    assert found["items"][0]["userEmail"] == "grace@acme.example"
    older = await api.get(EVENTS, params={"user": grace.id, "next": found["nextCursor"]})
    assert [one["event"] for one in older.json()["items"]] == ["user.created"]
    assert older.json()["nextCursor"] is None


async def test_events_are_filtered(acme: Platform, api: httpx.AsyncClient, grace: User):
    assert await events(api, group="user", user=grace.id, event="user.created") == ["user.created"]
    assert await events(api, group="organisation") == ["organisation.created"]
    assert await events(api, actor="nobody") == []
    last = datetime.fromtimestamp(acme.now, UTC).isoformat().replace("+00:00", "Z")
    assert await events(api, user=grace.id, since=last) == ["user.role_given"]
    assert await events(api, user=grace.id, until=last) == ["user.role_given", "user.created"]


async def test_one_event_is_read(api: httpx.AsyncClient, globex: httpx.AsyncClient, grace: User):
    [event] = (await api.get(EVENTS, params={"user": grace.id, "limit": "1"})).json()["items"]
    assert (await api.get(f"{EVENTS}/{event['_id']}")).json() == event
    foreign = await globex.get(f"{EVENTS}/{event['_id']}")
    absent = await globex.get(f"{EVENTS}/{'0' * 32}")
    assert code_of(foreign) == code_of(absent) == (404, "audit_event_unknown")
    assert await events(globex, user=grace.id) == []


async def test_a_user_manager_reads_no_events(managers: httpx.AsyncClient):
    assert code_of(await managers.get(EVENTS)) == (403, "permission_missing")


async def test_an_operator_reads_those_of_all(
    operator: httpx.AsyncClient, globex: httpx.AsyncClient
):
    answer = await operator.get(EVENTS, params={"event": "organisation.created"})
    assert len({one["organisation"] for one in answer.json()["items"]}) == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("next=x", "cursor_invalid"),
        ("next=" + "9" * 200 + "." + "a" * 32, "cursor_invalid"),
        ("limit=101", "request_invalid"),
        ("since=yesterday", "request_invalid"),
        ("since=1700000000", "request_invalid"),
        ("since=2026-11-22", "request_invalid"),
        ("since=2026-11-22T12:00:00", "request_invalid"),
        ("event=%00", "request_invalid"),
        ("group=user.", "request_invalid"),
        ("organisation=" + "b" * 24, "request_invalid"),
    ],
)
async def test_events_are_asked_for_with_fitting_values(
    api: httpx.AsyncClient, query: str, code: str
):
    assert code_of(await api.get(f"{EVENTS}?{query}")) == (400, code)


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
async def test_times_far_away_are_times(api: httpx.AsyncClient, since: str):
    assert (await api.get(EVENTS, params={"since": since})).status_code == 200
