"""Headers that every answer carries, whatever made it."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kernel.web.middleware import SecurityHeaders
from support.small_site import application, browser


async def plain(_request: Request) -> Response:
    return PlainTextResponse("hello")


async def own(_request: Request) -> Response:
    headers = {"cache-control": "public, max-age=60", "content-security-policy": "default-src *"}
    return PlainTextResponse("hello", headers=headers)


async def broken(_request: Request) -> Response:
    raise ValueError


ROUTES = [Route("/plain", plain), Route("/own", own)]


@pytest.mark.parametrize("path", ["/plain", "/missing"])
async def test_every_answer_is_closed_unless_it_says_otherwise(path: str) -> None:
    async with browser(application(*ROUTES)) as http:
        headers = (await http.get(path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    for directive in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ):
        assert directive in policy.split("; ")
    assert "unsafe" not in policy


async def test_an_answer_keeps_its_own_headers_and_none_stands_twice() -> None:
    """Lesson 43 is the default: only who says so is cached."""
    async with browser(application(*ROUTES)) as http:
        headers = (await http.get("/own")).headers
    assert headers.get_list("cache-control") == ["public, max-age=60"]
    assert headers.get_list("content-security-policy") == ["default-src *"]
    assert headers.get_list("x-frame-options") == ["DENY"]


async def test_an_answer_may_write_its_headers_in_capitals_or_not_at_all() -> None:
    async def raw(scope: Any, _receive: Any, send: Any) -> None:
        start: dict[str, Any] = {"type": "http.response.start", "status": 200}
        if scope["path"] == "/capitals":
            start["headers"] = [(b"Cache-Control", b"private")]
        await send(start)
        await send({"type": "http.response.body", "body": b""})

    app: Any = SecurityHeaders(raw, strict_transport=False)
    async with browser(app) as http:
        assert (await http.get("/capitals")).headers.get_list("cache-control") == ["private"]
        assert (await http.get("/none")).headers.get_list("cache-control") == ["no-store"]


@pytest.mark.parametrize("strict", [True, False])
async def test_hsts_is_sent_only_where_it_was_asked_for(*, strict: bool) -> None:
    """The applications ask for it over https, and never for a loopback host."""
    async with browser(application(*ROUTES, strict_transport=strict)) as http:
        headers = (await http.get("/plain")).headers
    assert ("strict-transport-security" in headers) is strict
    if strict:
        assert headers["strict-transport-security"].startswith("max-age=31536000")


async def test_what_is_no_request_passes_untouched() -> None:
    seen: list[str] = []

    async def inner(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    middleware: Any = SecurityHeaders(inner, strict_transport=True)
    await middleware({"type": "lifespan"}, None, None)
    assert seen == ["lifespan"]


async def test_the_answer_to_a_bug_is_closed_too() -> None:
    app = Starlette(
        routes=[Route("/broken", broken)],
        middleware=[Middleware(SecurityHeaders, strict_transport=False)],
        exception_handlers={ValueError: lambda _request, _error: PlainTextResponse("", 500)},
    )
    async with browser(app) as http:
        answer = await http.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["cache-control"] == "no-store"
