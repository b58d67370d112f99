"""A small application around `kernel.web`, asked as a browser would ask it."""

from collections.abc import Sequence
from enum import unique
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kernel.html import PageContext
from kernel.keyring import KeyRing
from kernel.problems import FaultCatalogue, FaultSpec, ProblemCatalogue, ProblemSpec
from kernel.web.addresses import Network
from kernel.web.cookies import Cookies
from kernel.web.guards import ProtocolGuard, check_page, form_of, guarded
from kernel.web.middleware import SecurityHeaders
from kernel.web.problem_pages import PageRefusals
from kernel.web.site import Site, client_of, page
from support.clock import FrozenClock

BASE = "https://site.example"


@unique
class Problem(ProblemCatalogue):
    REQUEST_UNREADABLE = ProblemSpec(400, "Unreadable", "Again.", oauth_error="invalid_request")
    PAGE_OUT_OF_DATE = ProblemSpec(403, "Out of date", "Again.", operator_hint="look at CSRF")
    SERVER_BUSY = ProblemSpec(503, "Busy", "Wait.", oauth_error="temporarily_unavailable")
    PAGE_NOT_FOUND = ProblemSpec(404, "Not found", "Go.")
    LOCKED = ProblemSpec(429, "Locked for {who}", "Wait.", admin_text="Unlock.")


@unique
class Fault(FaultCatalogue):
    TOO_MANY = FaultSpec("count them", ("LIMIT",))


class PageGuard(PageRefusals):
    async def check(self, request: Request) -> None:
        await check_page(request)


PAGES, PROTOCOL = PageGuard(), ProtocolGuard()


async def show_page(request: Request) -> Response:
    """A page of which `BarePages` tells the CSRF token, language, theme and path."""
    return page(request, "small.html")


async def post_page(request: Request) -> Response:
    return JSONResponse({"form": form_of(request), "client": client_of(request)})


class BarePages:
    """Instead of `Pages`, where a test reads values and no HTML."""

    def render(self, _template: str, context: PageContext, **_values: object) -> str:
        return f"{context.csrf_token} {context.language} {context.theme} {context.path}"

    def text(self, _language: str, text: str) -> str:
        return text


def site(
    base_url: str = BASE, trusted: Sequence[Network] = (), secrets: tuple[str, ...] = ("one",)
) -> Site:
    secure = base_url.startswith("https:")
    pages: Any = BarePages()
    return Site(
        base_url=base_url,
        pages=pages,
        keyring=KeyRing(secrets[0], secrets[1:]),
        cookies=Cookies("la", 3000, secure=secure),
        clock=FrozenClock(),
        trusted_proxies=trusted,
    )


def application(
    *more: BaseRoute, of: Site | None = None, strict_transport: bool = False
) -> Starlette:
    """`GET, POST /page` for browsers, and what the test adds."""
    routes = [
        guarded("GET", "/page", show_page, PAGES),
        guarded("POST", "/page", post_page, PAGES),
        *more,
    ]
    app = Starlette(
        routes=routes, middleware=[Middleware(SecurityHeaders, strict_transport=strict_transport)]
    )
    app.state.site = of or site()
    app.state.problems = Problem
    return app


def browser(
    app: Starlette, base_url: str = BASE, address: str = "192.0.2.1", **headers: str
) -> httpx.AsyncClient:
    """A client with a cookie jar; `address` is its end of the connection."""
    transport = httpx.ASGITransport(app, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers)


def request_of(
    app_site: Site,
    *headers: tuple[str, str],
    address: str | None = "192.0.2.1",
    **scope: Any,
) -> Request:
    """A request as the server hands it over; headers may repeat."""
    app = Starlette()
    app.state.site, app.state.problems = app_site, Problem
    return Request(
        {
            "type": "http",
            "app": app,
            "method": "GET",
            "scheme": "https",
            "path": "/",
            "query_string": b"",
            "server": ("127.0.0.1", 3000),
            "client": (address, 4711) if address is not None else None,
            "headers": [(name.encode(), value.encode()) for name, value in headers],
        }
        | scope
    )
