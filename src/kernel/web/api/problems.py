"""Every refusal of a JSON API is `application/problem+json` (RFC 9457).

What any API refuses is in `ApiProblem`; the application's own catalogue has the rest.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import unique
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kernel.db import DatabaseUnavailable
from kernel.log import get_logger
from kernel.passwords import PasswordsBusy
from kernel.problems import ProblemCatalogue, ProblemError, ProblemSpec, filled
from kernel.web.forms import FormError
from kernel.web.guards import BUSY_RETRY_SECONDS, log_refusal, note_failure
from kernel.web.site import reference_of_request, site_of

log = get_logger("kernel.web")

MEDIA_TYPE = "application/problem+json"
MOST_DETAILS = 20
LONGEST_LOCATION = 100
LONGEST_INSTANCE = 500
NOT_FOUND, NOT_ALLOWED = 404, 405


@unique
class ApiProblem(ProblemCatalogue):
    """What every JSON API may answer, in English."""

    REQUEST_INVALID = ProblemSpec(
        status=400,
        title="The request is not valid",
        user_text="Correct what `details` names, and send the request again.",
        operator_hint="the caller sends something else than the OpenAPI document says",
    )
    ADDRESS_UNKNOWN = ProblemSpec(
        status=404,
        title="Nothing has this address",
        user_text="Compare the address with the OpenAPI document at /openapi.",
        operator_hint="an unknown path below the API's prefix",
    )
    METHOD_NOT_ALLOWED = ProblemSpec(
        status=405,
        title="The address does not have this method",
        user_text="Use one of the methods that the header `Allow` names.",
        operator_hint="the caller sends something else than the OpenAPI document says",
    )
    REQUEST_TOO_SLOW = ProblemSpec(
        status=408,
        title="The request took too long to arrive",
        user_text="Send it again.",
        operator_hint="the body did not come within ten seconds",
    )
    REQUEST_TOO_LARGE = ProblemSpec(
        status=413,
        title="The request is too large",
        user_text="A request has at most 64 kB.",
        operator_hint="the body is larger than 64 kB",
    )
    TOO_MANY_REQUESTS = ProblemSpec(
        status=429,
        title="Too many requests",
        user_text="Wait as many seconds as the header `Retry-After` says.",
        operator_hint=(
            "one caller is over its quota, which the header `RateLimit-Policy` names; without "
            "REDIS_URL each server process counts for itself"
        ),
    )


EXPECTED: tuple[type[Exception], ...] = (
    ProblemError,
    RequestValidationError,
    HTTPException,
    FormError,
    DatabaseUnavailable,
    PasswordsBusy,
)


async def answer(request: Request, error: Exception) -> Response:
    """The answer to an expected refusal, logged as one event."""
    problem = _problem_of(request, error)
    log_refusal(request, problem)
    response = problem_response(request, problem, details=tuple(_details(error)))
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


def failed(request: Request, error: Exception) -> Response:
    """Anything that escaped a route: logged with its trace, nothing of it told."""
    note_failure(request, error)
    return problem_response(request, ProblemError(_catalogue(request)["INTERNAL_ERROR"]))


def problem_response(
    request: Request, error: ProblemError, *, details: Sequence[Mapping[str, str]] = ()
) -> Response:
    """The body and the headers of a refusal. `traceId` is the reference of log and pages."""
    spec, context = error.problem.spec, error.context
    body = {
        "type": _type_of(request, error.problem),
        "title": filled(spec.title, context),
        "status": spec.status,
        "detail": str(context.get("fault_text") or filled(spec.user_text, context)),
        "instance": _instance(request),
        "code": error.problem.code,
        "traceId": reference_of_request(request),
        "details": list(details),
    }
    # As ASCII: a name in the request may hold half a surrogate pair, which UTF-8 does not have.
    response = Response(json.dumps(body), spec.status, media_type=MEDIA_TYPE)
    if context.get("challenge"):
        response.headers["www-authenticate"] = str(context["challenge"])
    if error.retry_after is not None:
        response.headers["retry-after"] = str(error.retry_after)
    return response


def _problem_of(request: Request, error: Exception) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, DatabaseUnavailable | PasswordsBusy):
        busy = _catalogue(request)["SERVER_BUSY"]
        return ProblemError(busy, retry_after=BUSY_RETRY_SECONDS, cause=repr(error))
    if isinstance(error, FormError):
        return ProblemError(ApiProblem.REQUEST_INVALID, fault_text=error.fault)
    if isinstance(error, RequestValidationError):
        # What is no number or no id belongs to nothing: as absent as an unknown one.
        in_path = any(fault["loc"][:1] == ("path",) for fault in error.errors())
        return ProblemError(ApiProblem.ADDRESS_UNKNOWN if in_path else ApiProblem.REQUEST_INVALID)
    status = getattr(error, "status_code", NOT_FOUND)
    known = {NOT_FOUND: ApiProblem.ADDRESS_UNKNOWN, NOT_ALLOWED: ApiProblem.METHOD_NOT_ALLOWED}
    return ProblemError(known.get(status, ApiProblem.REQUEST_INVALID))


def _details(error: Exception) -> Iterator[dict[str, str]]:
    """Where in the request, and what is wrong there; never the value itself."""
    if not isinstance(error, RequestValidationError):
        return
    for fault in error.errors()[:MOST_DETAILS]:
        location = ".".join(str(part) for part in fault["loc"])
        yield {"location": location[:LONGEST_LOCATION], "message": str(fault["msg"])}


def _type_of(request: Request, problem: ProblemCatalogue) -> str:
    """An address that explains the problem (RFC 9457 section 3.1.1)."""
    place = "/help/" if problem.spec.has_help else "/openapi#"
    return f"{site_of(request).base_url}{place}{problem.code}"


def _instance(request: Request) -> str:
    """The path alone: a query may hold what does not belong there."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.decode("latin-1").partition("?")[0][:LONGEST_INSTANCE]


def _catalogue(request: Request) -> type[ProblemCatalogue]:
    catalogue: type[ProblemCatalogue] = request.app.state.problems
    return catalogue


def api_problems(catalogue: type[ProblemCatalogue]) -> Iterator[Any]:
    """What the page of the API explains: the general refusals, then the application's."""
    yield from ApiProblem
    yield from catalogue
