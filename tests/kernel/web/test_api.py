"""A JSON API below a prefix: refusals as RFC 9457 has them, bounds, limits, the document."""

import json
from collections.abc import AsyncIterator
from enum import unique
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends
from fastapi import Query as QueryOf
from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from structlog.testing import capture_logs

from kernel.db import DatabaseUnavailable
from kernel.html import pages_of
from kernel.passwords import PasswordsBusy
from kernel.problems import ProblemCatalogue, ProblemError, ProblemSpec
from kernel.web.api import limits
from kernel.web.api.application import ApiMount, new_api, permission_of, routes_of
from kernel.web.api.limits import Quota, RateLimiter
from kernel.web.api.page import openapi_routes
from kernel.web.api.values import Body, Name, PlainText, Query
from support.clock import FrozenClock
from support.small_site import PAGES, application, browser, site

REFERENCE = "7QK2MZ4XW9AB"


@unique
class Problem(ProblemCatalogue):
    SERVER_BUSY = ProblemSpec(503, "Busy", "Wait.", has_help=True)
    INTERNAL_ERROR = ProblemSpec(500, "Broken", "Again.")
    THING_UNKNOWN = ProblemSpec(404, "There is no thing {thing}", "Look again.")
    WHO_IS_ASKING = ProblemSpec(401, "Who are you?", "Say so.")


class NewThing(Body):
    name: Name
    size: int = Field(ge=1, le=9, description="How large.")


class Thing(NewThing):
    id: int


class Listing(Query):
    search: Annotated[PlainText | None, Field(max_length=10)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 25


class Needs:
    permission = "things.read"

    async def __call__(self) -> None:
        """Everybody may."""


things = APIRouter(prefix="/v1/things", tags=["Things"])
limiter = RateLimiter(FrozenClock(), Quota(3, 60))
ERRORS: dict[str, Exception] = {
    "busy": DatabaseUnavailable("gone"),
    "full": PasswordsBusy("full"),
    "unknown": ProblemError(Problem.THING_UNKNOWN, thing=7),
    "stranger": ProblemError(Problem.WHO_IS_ASKING, challenge='Thing realm="a"'),
    "bug": LookupError("the secret inside"),
}


@things.get("", dependencies=[Depends(Needs())])
async def list_things(listing: Annotated[Listing, QueryOf()]) -> list[Thing]:
    """The things."""
    return [Thing(id=1, name=listing.search or "one", size=1)]


@things.post("", status_code=201)
async def create_thing(thing: NewThing) -> Thing:
    """Make a thing."""
    return Thing(id=2, name=thing.name, size=thing.size)


@things.get("/{thing_id}")
async def show_thing(thing_id: int, request: Request) -> dict[str, Any]:
    """One thing."""
    return {"id": thing_id, "site": request.app.state.site.base_url}


@things.get("/refused/{how}")
async def refuse(how: str) -> None:
    """Always refused."""
    raise ERRORS[how]


@things.get("/limited/now")
async def limited(request: Request) -> str:
    """Three a minute."""
    await limiter.count(request, "somebody")
    return "done"


def mounted() -> Starlette:
    api = new_api("Things", "1.0", Problem, "A small API.")
    api.include_router(things)
    of = site()
    object.__setattr__(of, "pages", pages_of("live_agent", "Live Agent"))
    app = application(ApiMount(api, ("/v1", "/new/v1")), *openapi_routes(api, PAGES), of=of)
    app.state.problems = Problem
    app.state.api = api
    return app


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with browser(mounted()) as client:
        yield client


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code), body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-reference"] == body["traceId"]
    assert set(body) == {
        *("type", "title", "status", "detail", "instance", "code", "traceId", "details"),
    }
    return body


# --- answers --------------------------------------------------------------------------------------


async def test_a_route_answers_below_its_prefix_and_below_the_old_one(http: httpx.AsyncClient):
    for prefix in ("", "/new"):
        answer = await http.get(f"{prefix}/v1/things?search=a&limit=3")
        assert (answer.status_code, answer.json()) == (200, [{"id": 1, "name": "a", "size": 1}])
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.headers["x-reference"]) == 12


async def test_a_route_sees_the_application_that_the_api_is_mounted_in(http: httpx.AsyncClient):
    assert (await http.get("/v1/things/7")).json() == {"id": 7, "site": "https://site.example"}


@pytest.mark.parametrize("path", ["/v1x/things", "/new/v2/things", "/newer/v1/things", "/"])
async def test_what_is_not_below_the_prefix_is_not_the_apis(http: httpx.AsyncClient, path: str):
    answer = await http.get(path)
    assert answer.status_code == 404
    assert "problem+json" not in answer.headers["content-type"]


async def test_an_answer_that_a_caller_names_has_the_callers_reference(http: httpx.AsyncClient):
    answer = await http.get("/v1/nothing", headers={"x-reference": REFERENCE})
    assert problem_of(answer, 404, "address_unknown")["traceId"] == REFERENCE


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/things/", "/v1/things/%00"])
async def test_an_unknown_address_is_a_problem(http: httpx.AsyncClient, path: str):
    body = problem_of(await http.get(path + "?a=secret"), 404, "address_unknown")
    assert body["instance"] == path
    assert body["type"] == "https://site.example/openapi#address_unknown"


@pytest.mark.parametrize("number", ["one", "1.5", "%20", "%C3%A9", "0x10", "--1"])
async def test_what_is_no_number_belongs_to_nothing(http: httpx.AsyncClient, number: str):
    problem_of(await http.get(f"/v1/things/{number}"), 404, "address_unknown")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "MADEUP"])
async def test_a_method_that_is_not_there_names_those_that_are(
    http: httpx.AsyncClient, method: str
):
    answer = await http.request(method, "/v1/things")
    problem_of(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


async def test_a_head_is_refused_as_any_other_method(http: httpx.AsyncClient):
    answer = await http.head("/v1/things")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("busy", 503, "server_busy"),
        ("full", 503, "server_busy"),
        ("unknown", 404, "thing_unknown"),
        ("stranger", 401, "who_is_asking"),
    ],
)
async def test_an_expected_failure_is_a_problem_and_one_event(
    http: httpx.AsyncClient, how: str, status: int, code: str
):
    with capture_logs() as logs:
        answer = await http.get(f"/v1/things/refused/{how}")
    body = problem_of(answer, status, code)
    assert [event["problem"] for event in logs] == [code]
    assert logs[0]["reference"] == body["traceId"]
    assert ("retry-after" in answer.headers) is (status == 503)
    assert answer.headers.get("www-authenticate") == ('Thing realm="a"' if status == 401 else None)


async def test_a_problem_says_what_happened_and_where_that_is_explained(http: httpx.AsyncClient):
    body = (await http.get("/v1/things/refused/unknown")).json()
    assert (body["title"], body["detail"]) == ("There is no thing 7", "Look again.")
    busy = (await http.get("/v1/things/refused/busy")).json()
    assert busy["type"] == "https://site.example/help/server_busy"


async def test_a_bug_is_told_to_the_log_and_to_nobody_else(http: httpx.AsyncClient):
    with capture_logs() as logs:
        answer = await http.get("/v1/things/refused/bug")
    problem_of(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert "LookupError" not in answer.text
    assert [event["event"] for event in logs] == ["request.failed"]


@pytest.mark.parametrize(
    ("content", "location"),
    [
        (b"{", "body.1"),
        (b"", "body"),
        (b"[]", "body"),
        (b"\xff", None),
        (b'{"name": "a"}', "body.size"),
        (b'{"name": "a", "size": "1"}', "body.size"),
        (b'{"name": "a", "size": true}', "body.size"),
        (b'{"name": "a", "size": NaN}', "body.size"),
        (b'{"name": "a", "size": 10}', "body.size"),
        (b'{"name": "a\\u0000", "size": 1}', "body.name"),
        (b'{"name": "\\ud800", "size": 1}', "body.name"),
        (b'{"name": " ", "size": 1}', "body.name"),
        (b'{"name": null, "size": 1}', "body.name"),
        (b'{"name": "a", "size": 1, "role": "admin"}', "body.role"),
        (b'{"name": "a", "size": 1, "\\ud800": 1}', "body"),
        (b"[" * 30_000, None),
    ],
)
async def test_a_body_that_is_not_valid_is_told_where(
    http: httpx.AsyncClient, content: bytes, location: str | None
):
    json_type = {"content-type": "application/json"}
    answer = await http.post("/v1/things", content=content, headers=json_type)
    found = problem_of(answer, 400, "request_invalid")["details"]
    assert [one["location"] for one in found] == ([location] if location else [])


async def test_what_was_sent_wrong_is_not_sent_back(http: httpx.AsyncClient):
    answer = await http.post("/v1/things", json={"name": ["hunter2"], "size": "hunter2"})
    assert "hunter2" not in answer.text


async def test_a_body_of_another_kind_is_refused(http: httpx.AsyncClient):
    form = await http.post("/v1/things", data={"name": "a", "size": "1"})
    problem_of(form, 400, "request_invalid")
    as_text = {"content-type": "text/plain"}
    plain = await http.post("/v1/things", content=b'{"name":"a","size":1}', headers=as_text)
    problem_of(plain, 400, "request_invalid")


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=101", "limit=x", "limit=1&limit=2", "search=a&search=b"),
        *("search=%00", "search=%FF", "search=12345678901", "extra=1", "&a" * 101),
    ],
    ids=lambda query: query[:20],
)
async def test_a_query_that_is_not_valid_is_refused(http: httpx.AsyncClient, query: str):
    problem_of(await http.get(f"/v1/things?{query}"), 400, "request_invalid")


@pytest.mark.parametrize("length", [{"content-length": "1000000"}, {}], ids=["announced", "not"])
async def test_a_huge_body_is_not_read_to_its_end(http: httpx.AsyncClient, length: dict[str, str]):
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 10_000
            yield b" " * 10_000

    headers = {"content-type": "application/json", **length}
    answer = await http.post("/v1/things", content=pieces(), headers=headers)
    problem_of(answer, 413, "request_too_large")
    assert sent <= 70_000


async def test_a_body_that_does_not_come_is_waited_for_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("kernel.web.api.boundary.LONGEST_SECONDS", 0.05)
    sent: list[Any] = []
    calls = 0

    async def receive() -> dict[str, Any]:
        nonlocal calls
        calls += 1
        if calls == 1:
            return {"type": "http.request", "body": b"{", "more_body": True}
        import asyncio

        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/things",
        "raw_path": b"/v1/things",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "client": ("192.0.2.1", 4711),
        "server": ("127.0.0.1", 3000),
        "scheme": "https",
    }
    await mounted()(scope, receive, send)
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "request_too_slow"


# --- limits ---------------------------------------------------------------------------------------


async def test_each_answer_says_how_many_requests_are_left(http: httpx.AsyncClient):
    left = []
    for _ in range(3):
        answer = await http.get("/v1/things/limited/now")
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"default";q=3;w=60'
        name, remaining, resets = answer.headers["ratelimit"].split(";")
        assert name == '"default"'
        assert 1 <= int(resets.removeprefix("t=")) <= 60
        left.append(remaining)
    assert left == ["r=2", "r=1", "r=0"]
    refused = await http.get("/v1/things/limited/now")
    problem_of(refused, 429, "too_many_requests")
    assert refused.headers["ratelimit"].startswith('"default";r=0;')
    assert 1 <= int(refused.headers["retry-after"]) <= 60


async def test_one_caller_does_not_use_up_anothers_requests():
    of_each = RateLimiter(FrozenClock(), Quota(1, 60))
    one, other = (Request({"type": "http", "headers": []}) for _ in range(2))
    await of_each.count(one, "one")
    await of_each.count(other, "other")
    with pytest.raises(ProblemError):
        await of_each.count(one, "one")


async def test_the_window_moves_with_the_clock():
    clock = FrozenClock()
    of_two = RateLimiter(clock, Quota(2, 60))
    request = Request({"type": "http", "headers": []})
    await of_two.count(request, "one")
    clock.advance(40)
    await of_two.count(request, "one")
    with pytest.raises(ProblemError) as refused:
        await of_two.count(request, "one")
    assert refused.value.retry_after == 20
    clock.advance(20)
    await of_two.count(request, "one")
    with pytest.raises(ProblemError) as refused:
        await of_two.count(request, "one")
    assert refused.value.retry_after == 40


async def test_keys_that_nobody_uses_are_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "FORGET_EVERY", 3)
    clock = FrozenClock()
    limited = RateLimiter(clock, Quota(5, 60))
    request = Request({"type": "http", "headers": []})
    await limited.count(request, "gone")
    clock.advance(60)
    await limited.count(request, "here")
    await limited.count(request, "here")
    assert list(limited._requests) == ["here"]


# --- the document ---------------------------------------------------------------------------------


async def test_the_document_says_every_refusal_and_no_other_shape(http: httpx.AsyncClient):
    document = (await http.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    create = document["paths"]["/v1/things"]["post"]
    assert {"201", "400", "401", "404", "405", "413", "429", "500", "503"} <= set(
        create["responses"]
    )
    assert "422" not in create["responses"]
    for status, said in create["responses"].items():
        kind = "application/json" if status == "201" else "application/problem+json"
        assert list(said["content"]) == [kind]
    problem = document["components"]["schemas"]["Problem"]
    assert "traceId" in problem["required"]
    assert not [name for name in document["components"]["schemas"] if "Validation" in name]


async def test_the_page_names_every_operation_with_its_fields(http: httpx.AsyncClient):
    page = await http.get("/openapi", headers={"accept": "text/html"})
    assert page.status_code == 200
    for text in (
        *("GET /v1/things", "POST /v1/things", "/v1/things/{thing_id}", "A small API."),
        *("things.read", "How large.", "integer from 1 to 9", "thing_unknown"),
        *("too_many_requests", 'id="method_not_allowed"', "/openapi.json"),
    ):
        assert text in page.text, text
    assert "<script>" not in page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "")


async def test_the_page_is_read_in_the_readers_language(http: httpx.AsyncClient):
    page = await http.get("/openapi", headers={"accept-language": "de"})
    assert 'lang="de"' in page.text


def test_the_routes_are_told_with_their_permission():
    found = {(path, *route.methods): permission_of(route) for path, route in routes_of(app_api())}
    assert found["/v1/things", "GET"] == "things.read"
    assert found["/v1/things", "POST"] == ""


def app_api() -> Any:
    return mounted().state.api
