"""Who may reach a route, seen from outside: forged forms, wrong hosts, refusals of every kind."""

from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from structlog.testing import capture_logs

from kernel.db import DatabaseUnavailable
from kernel.passwords import PasswordsBusy
from kernel.problems import ProblemError
from kernel.web.guards import GoElsewhere, StalePage, guarded, with_query
from support.small_site import (
    BASE,
    PAGES,
    PROTOCOL,
    Fault,
    Problem,
    application,
    browser,
    site,
)


async def open_page(http: httpx.AsyncClient) -> str:
    """The CSRF token that the page gives this browser."""
    answer = await http.get("/page")
    assert answer.status_code == 200
    return answer.text.split(" ")[0]


# --- forms ----------------------------------------------------------------------------------------


async def test_a_form_of_our_own_page_is_carried_out() -> None:
    async with browser(application()) as http:
        form = {"csrf_token": await open_page(http), "name": "a"}
        answer = await http.post("/page", data=form, headers={"origin": BASE})
        assert answer.json() == {"form": form, "client": "192.0.2.1"}
        # browsers that send no Origin with a form of the same site
        assert (await http.post("/page", data=form)).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "http://site.example",
        "https://site.example:8443",
        "https://sub.site.example",
        "https://site.example.evil.example",
        "https://site.example/",
        "",
    ],
)
async def test_a_form_of_another_origin_is_never_carried_out(origin: str) -> None:
    """Lesson 32: the right token does not help."""
    async with browser(application()) as http:
        form = {"csrf_token": await open_page(http)}
        answer = await http.post("/page", data=form, headers={"origin": origin})
        assert answer.status_code == 403


@pytest.mark.parametrize("token", [None, "", "wrong"])
async def test_a_form_without_the_token_is_never_carried_out(token: str | None) -> None:
    async with browser(application()) as http:
        await open_page(http)
        form = {"name": "a"} | ({"csrf_token": token} if token is not None else {})
        answer = await http.post("/page", data=form, headers={"origin": BASE})
        assert answer.status_code == 403


async def test_a_token_of_another_browser_is_never_taken() -> None:
    """An attacker's own token, posted from the victim's browser."""
    app = application()
    async with browser(app) as attacker, browser(app) as victim:
        token = await open_page(attacker)
        await open_page(victim)
        assert (await victim.post("/page", data={"csrf_token": token})).status_code == 403


async def test_a_token_ends_with_the_session_it_was_made_in() -> None:
    async with browser(application()) as http:
        token = await open_page(http)
        http.cookies.set("__Host-la_session", "somebody", domain="site.example")
        assert (await http.post("/page", data={"csrf_token": token})).status_code == 403
        form = {"csrf_token": await open_page(http)}
        assert (await http.post("/page", data=form)).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
async def test_every_method_that_changes_something_needs_a_token(method: str) -> None:
    async def change(_request: Request) -> Response:
        return JSONResponse({"changed": True})

    async with browser(application(guarded(method, "/change", change, PAGES))) as http:
        answer = await http.request(method, "/change", data={"a": "1"})
        assert answer.status_code == 403


async def test_a_head_changes_nothing_and_needs_no_token() -> None:
    async with browser(application()) as http:
        assert (await http.head("/page")).status_code == 200


# --- the right host -------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "other.example", "site.example.evil.example", "a/b"])
async def test_another_host_name_is_led_to_the_right_one(host: str) -> None:
    async with browser(application()) as http:
        answer = await http.get("/page%20?a=%2F", headers={"host": host})
        assert answer.status_code == 404  # only pages lead away
        answer = await http.get("/page?a=%2F", headers={"host": host})
    assert answer.status_code == 303
    assert answer.headers["location"] == "https://site.example/page?a=%2F"


async def test_nobody_is_led_round_in_circles_by_a_default_port() -> None:
    app = application(of=site("https://site.example:443"))
    async with browser(app) as http:
        assert (await http.get("/page", headers={"host": "site.example"})).status_code == 200
        assert (await http.get("/page", headers={"host": "site.example:443"})).status_code == 200


async def test_a_form_under_another_host_name_is_not_read() -> None:
    async with browser(application()) as http:
        form = {"csrf_token": await open_page(http)}
        answer = await http.post("/page", data=form, headers={"host": "127.0.0.1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "https://site.example/page")


# --- refusals -------------------------------------------------------------------------------------


def raising(error: Exception) -> Any:
    async def route(_request: Request) -> Response:
        raise error

    return application(
        guarded("GET", "/asked", route, PAGES), guarded("GET POST", "/called", route, PROTOCOL)
    )


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (DatabaseUnavailable("gone"), 503, "temporarily_unavailable"),
        (PasswordsBusy("full"), 503, "temporarily_unavailable"),
        (StalePage(), 403, "page_out_of_date"),
        (ProblemError(Problem.LOCKED, retry_after=9), 429, "locked"),
    ],
)
async def test_a_refusal_is_a_page_for_people_and_json_for_programs(
    error: Exception, status: int, code: str
) -> None:
    async with browser(raising(error)) as http:
        seen, told = await http.get("/asked"), await http.get("/called")
    assert (seen.status_code, told.status_code) == (status, status)
    assert seen.headers["content-type"].startswith("text/html")
    assert told.json()["error"] == code
    assert told.headers["cache-control"] == "no-store"
    assert ("retry-after" in told.headers) is (status in (429, 503))


async def test_a_guard_or_route_may_lead_elsewhere() -> None:
    async with browser(raising(GoElsewhere("/login"))) as http:
        answer = await http.get("/asked")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_a_bug_is_not_taken_for_a_refusal() -> None:
    async with browser(raising(LookupError("bug"))) as http:
        with pytest.raises(LookupError):
            await http.get("/asked")


@pytest.mark.parametrize(
    ("content", "content_type", "status", "fault"),
    [
        (b"a=1&a=2", "application/x-www-form-urlencoded", 400, "A parameter is repeated."),
        (b"a=%FF", "application/x-www-form-urlencoded", 400, "not encoded as UTF-8"),
        (b"a=%00", "application/x-www-form-urlencoded", 400, "cannot be stored"),
        (b"{}", "application/json", 400, "must be application/x-www-form-urlencoded"),
        (b"a" * 70_000, "application/x-www-form-urlencoded", 413, "too large"),
    ],
)
async def test_a_form_that_cannot_be_read_is_told_apart_in_the_log(
    content: bytes, content_type: str, status: int, fault: str
) -> None:
    async with browser(application()) as http:
        headers = {"content-type": content_type}
        with capture_logs() as logs:
            answer = await http.post("/page", content=content, headers=headers)
    assert answer.status_code == status
    (event,) = logs
    assert event["problem"] == "request_unreadable"
    assert fault in event["fault_text"]


async def test_a_program_is_told_what_it_sent_wrong_and_who_may_call() -> None:
    from kernel.web.forms import FormError

    async with browser(raising(FormError("A parameter is repeated."))) as http:
        answer = await http.get("/called")
    assert answer.json() == {
        "error": "invalid_request",
        "error_description": "A parameter is repeated.",
    }
    error = ProblemError(Problem.LOCKED, challenge='Basic realm="a"')
    async with browser(raising(error)) as http:
        with capture_logs() as logs:
            answer = await http.get("/called")
    assert answer.headers["www-authenticate"] == 'Basic realm="a"'
    assert "challenge" not in logs[0]


async def test_a_refusal_is_one_event_with_the_precise_reason() -> None:
    error = ProblemError(Problem.LOCKED, Fault.TOO_MANY, who="a", hint="mine", reference="mine")
    async with browser(raising(error)) as http:
        with capture_logs() as logs:
            await http.get("/called", headers={"x-reference": "7QK2MZ4XW9AB"})
    assert logs == [
        {
            "event": "request.refused",
            "log_level": "warning",
            "problem": "locked",
            "fault": "too_many",
            "keys": ["LIMIT"],
            "hint": "count them",
            "reference": "7QK2MZ4XW9AB",
            "who": "a",
        }
    ]


@pytest.mark.parametrize(
    "given", ["", "7QK2MZ4XW9A", "7QK2MZ4XW9ABC", "7QK2MZ4XW9A\n", "<script>12345", "\u0660" * 12]
)
async def test_a_reference_that_is_none_is_not_written_to_the_log(given: str) -> None:
    async with browser(raising(ProblemError(Problem.LOCKED))) as http:
        headers = {"x-reference": given.encode()}
        with capture_logs() as logs:
            await http.get("/called", headers=headers)
    assert logs[0]["reference"] != given
    assert len(logs[0]["reference"]) == 12


def test_a_guard_is_stated_at_its_route() -> None:
    async def show_it(_request: Request) -> Response:
        return Response()

    route: Any = guarded("GET POST", "/it", show_it, PAGES)
    assert route.guard is PAGES
    assert route.described_by is show_it
    assert route.methods == {"GET", "HEAD", "POST"}
    assert route.name == "show_it"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://c.example/cb", "https://c.example/cb?code=a&state=b+%26"),
        ("https://c.example/cb?x=1", "https://c.example/cb?x=1&code=a&state=b+%26"),
        ("com.example.app:/cb", "com.example.app:/cb?code=a&state=b+%26"),
    ],
)
def test_a_query_that_is_there_is_kept(url: str, expected: str) -> None:
    """RFC 6749 section 3.1.2."""
    assert with_query(url, code="a", state="b &") == expected
    assert with_query(url) == url
