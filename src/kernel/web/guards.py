"""Who may reach a route: stated in ROUTES, checked before the route function runs.

A guard checks, and says how a refusal behind it is answered: as a page or as protocol JSON.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kernel.db import DatabaseUnavailable
from kernel.metrics import OFF, Metrics, counter
from kernel.passwords import PasswordsBusy
from kernel.problems import ProblemCatalogue, ProblemError
from kernel.web.forms import FormError, read_form
from kernel.web.site import (
    csrf_token_matches,
    host_of,
    path_and_query,
    reference_of_request,
    see_other,
    site_of,
)

log = structlog.get_logger("kernel.web")

Endpoint = Callable[[Request], Awaitable[Response]]
ReadForm = Callable[[Request], Awaitable[dict[str, str]]]
SAFE_METHODS = ("GET", "HEAD")
REFUSALS = counter(
    "server_refusals_total",
    "Refusals by the code of [errors](errors.md), and by the precise fault where there is one.",
    "problem",
    "fault",
)
FAILURES = counter(
    "server_failures_total", "Answers 500: a bug, whose trace is in the log as `request.failed`."
)
BUSY_RETRY_SECONDS = 5


class StalePage(Exception):  # noqa: N818 - what happened
    """A form whose CSRF token is not of this browser and session: shown anew, never carried out."""


class GoElsewhere(Exception):  # noqa: N818 - not a failure
    """Leave the route with a redirect, from a guard."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class Guard(Protocol):
    """Checks a request before its route, and answers what the route refuses."""

    async def check(self, request: Request) -> None:
        """Raise to refuse: ProblemError, FormError, StalePage or GoElsewhere."""
        ...

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        """The answer to a refusal."""
        ...


def guarded(methods: str, path: str, endpoint: Endpoint, guard: Guard) -> Route:
    """A route with its guard; `methods` such as "GET POST". A test fails for a bare Route."""

    async def run(request: Request) -> Response:
        try:
            await guard.check(request)
            return await endpoint(request)
        except GoElsewhere as leave:
            return see_other(leave.url)
        except ProblemError as error:
            return await guard.refuse(request, error)
        except FormError as error:
            problem = _problem(request, "REQUEST_UNREADABLE", fault_text=error.fault)
            response = await guard.refuse(request, problem)
            response.status_code = error.status
            return response
        except StalePage:
            return await guard.refuse(request, _problem(request, "PAGE_OUT_OF_DATE"))
        except (DatabaseUnavailable, PasswordsBusy) as error:
            log.warning("server.busy", cause=repr(error), reference=reference_of_request(request))
            return await guard.refuse(request, _problem(request, "SERVER_BUSY"))

    run.__name__ = getattr(endpoint, "__name__", "run")
    route = Route(path, run, methods=methods.split())
    route.guard = guard  # type: ignore[attr-defined]  # read by tests and by the docs
    route.described_by = endpoint  # type: ignore[attr-defined]
    return route


def _problem(request: Request, name: str, **context: Any) -> ProblemError:
    """One of the problems that every catalogue has."""
    catalogue: type[ProblemCatalogue] = request.app.state.problems
    retry = BUSY_RETRY_SECONDS if name == "SERVER_BUSY" else None
    return ProblemError(catalogue[name], retry_after=retry, **context)


class ProtocolGuard:
    """Server-to-server endpoints: no cookie is read, refusals are JSON (RFC 6749 section 5.2)."""

    async def check(self, request: Request) -> None:
        given = request.headers.get("x-reference", "")
        if len(given) == 12 and given.isascii() and given.isalnum():  # noqa: PLR2004
            request.state.reference = given

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        spec = error.problem.spec
        log_refusal(request, error)
        description = str(error.context.get("fault_text") or spec.title)
        body = {"error": spec.oauth_error or error.problem.code, "error_description": description}
        response = JSONResponse(
            body, spec.status, {"cache-control": "no-store", "pragma": "no-cache"}
        )
        challenge = error.context.get("challenge")
        if challenge:
            response.headers["www-authenticate"] = str(challenge)
        if error.retry_after is not None:
            response.headers["retry-after"] = str(error.retry_after)
        return response


async def check_page(request: Request) -> None:
    """What every page asks of a request: an address that there can be, the right host name, and
    for a form its token.
    """
    if "\0" in request.scope["path"]:  # PostgreSQL has no such text
        raise _problem(request, "PAGE_NOT_FOUND")
    check_host(request)
    if request.method not in SAFE_METHODS:
        await check_form(request)


def check_host(request: Request) -> None:
    """Cookies are not shared between `localhost` and `127.0.0.1`: what begins under one name
    could not end under the other.
    """
    site = site_of(request)
    if host_of(request) != site.netloc:
        raise GoElsewhere(site.base_url + path_and_query(request))


async def check_form(request: Request, read: ReadForm = read_form) -> None:
    """Read the form into `request.state.form`; raises StalePage if it is not from our own page."""
    form = await read(request)
    request.state.form = form
    origin = request.headers.get("origin")
    foreign = origin is not None and origin != site_of(request).origin
    if foreign or not csrf_token_matches(request, form.get("csrf_token", "")):
        raise StalePage


def form_of(request: Request) -> dict[str, str]:
    """The form that the guard has read and checked."""
    form: dict[str, str] = request.state.form
    return form


def log_refusal(request: Request, error: ProblemError) -> None:
    """One event for each refusal: the code, the precise fault, the operator's hint."""
    fields: dict[str, object] = {k: v for k, v in error.context.items() if k != "challenge"}
    fields |= {
        "problem": error.problem.code,
        "reference": reference_of_request(request),
        "hint": error.problem.spec.operator_hint,
    }
    if error.fault is not None:
        spec = error.fault.spec
        fields |= {"fault": error.fault.code, "keys": list(spec.keys), "hint": spec.hint}
    log.warning("request.refused", **fields)
    metrics: Metrics = getattr(request.app.state, "metrics", OFF)
    metrics.count(REFUSALS, error.problem.code, error.fault.code if error.fault else "")


def note_failure(request: Request, error: Exception) -> None:
    """What escaped a route, with its trace."""
    log.error("request.failed", reference=reference_of_request(request), exc_info=error)
    metrics: Metrics = getattr(request.app.state, "metrics", OFF)
    metrics.count(FAILURES)


def with_query(url: str, **parameters: str) -> str:
    """Append parameters to a URL that may have a query already (RFC 6749 section 3.1.2)."""
    if not parameters:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
