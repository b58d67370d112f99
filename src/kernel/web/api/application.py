"""The FastAPI application below some prefixes of the main one, and its OpenAPI document."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound, compile_path
from starlette.types import Receive, Scope, Send

from kernel.problems import ProblemCatalogue
from kernel.web.api.boundary import OUTER, Boundary
from kernel.web.api.problems import EXPECTED, MEDIA_TYPE, NOT_ALLOWED, answer

OLD_PREFIX = "/new"  # existing callers write /new/v2.0 for /v2.0
PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    location: str = Field(description="Where in the request, such as `body.name`.")
    message: str = Field(description="What is wrong there.")


class ProblemBody(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="Address of an explanation.")
    title: str = Field(description="What happened, one sentence.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What the caller can do.")
    instance: str = Field(description="Path of the request.")
    code: str = Field(description="A stable name for programs.")
    traceId: str = Field(description="The reference in the logs; also in `X-Reference`.")  # noqa: N815
    details: list[Fault] = Field(description="What is wrong where, if the request is not valid.")


def _response(description: str, **headers: str) -> dict[str, Any]:
    found: dict[str, Any] = {"description": description, "content": {MEDIA_TYPE: PROBLEM}}
    if headers:
        found["headers"] = {
            name.replace("_", "-"): {"description": text, "schema": {"type": "string"}}
            for name, text in headers.items()
        }
    return found


# Every refusal that any route may answer; for `responses=` of a route.
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: _response("The request is not valid."),
    401: _response("Who is asking is not known.", WWW_Authenticate="How to say who is asking."),
    403: _response("Whoever is asking may not do that."),
    404: _response("There is no such thing, or it is not theirs."),
    405: _response("The address does not have this method.", Allow="The methods that it has."),
    408: _response("The request took too long to arrive."),
    409: _response("Something else is there already."),
    413: _response("The request is too large."),
    429: _response("Too many requests.", Retry_After="Seconds to wait."),
    500: _response("A fault of the server."),
    503: _response("The server is busy, or the API is off.", Retry_After="Seconds to wait."),
}


class Api(FastAPI):
    """FastAPI without pages of its own; the document says what really is answered."""

    def __init__(self, catalogue: type[ProblemCatalogue], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.catalogue = catalogue
        self.add_exception_handler(NOT_ALLOWED, self._refuse_method)

    async def _refuse_method(self, request: Request, error: Exception) -> Response:
        """RFC 9110 section 15.5.6: `Allow` names the methods of all routes of the address."""
        path: str = request.scope["path"]
        there = (route for at, route in routes_of(self) if _leads_to(at, path))
        response = await answer(request, error)
        response.headers["allow"] = ", ".join(
            sorted({m for route in there for m in route.methods or ()})
        )
        return response

    def openapi(self) -> dict[str, Any]:
        known = self.openapi_schema
        document = super().openapi()
        if document is not known:
            _say_what_is_answered(document)
        return document


def new_api(title: str, version: str, catalogue: type[ProblemCatalogue], description: str) -> Api:
    """An application for an `ApiMount`. Routes are added as to any FastAPI."""
    return Api(
        catalogue,
        title=title,
        version=version,
        description=description,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=PROBLEM_RESPONSES,
        middleware=[Middleware(Boundary)],
        exception_handlers=dict.fromkeys(EXPECTED, answer),
        telemetry={"tracing": False, "metrics": False, "logs": False},
        generate_unique_id_function=lambda route: route.name,
    )


class ApiMount(BaseRoute):
    """Passes everything below the prefixes to the API, under its own path.

    The leading `/new` that existing callers write is dropped.
    """

    def __init__(self, api: Api, prefixes: tuple[str, ...]) -> None:
        self.api, self.prefixes = api, prefixes
        self.path = prefixes[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope.get("path", "")
        below = any(path == one or path.startswith(one + "/") for one in self.prefixes)
        return (Match.FULL if below and scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith(OLD_PREFIX + "/"):
            path = path.removeprefix(OLD_PREFIX)
        await self.api({**scope, "path": path, OUTER: scope["app"]}, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


def routes_of(api: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Every route with its whole path, also those of included routers."""
    yield from _below(api.routes, "")


def _below(routes: list[BaseRoute], prefix: str) -> Iterator[tuple[str, APIRoute]]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if isinstance(route, APIRoute):
            yield prefix + route.path, route
        elif included is not None:
            context: Any = getattr(route, "include_context", None)
            yield from _below(included.routes, prefix + context.prefix)


def _leads_to(route_path: str, path: str) -> bool:
    return compile_path(route_path)[0].match(path) is not None


def permission_of(route: APIRoute) -> str:
    """What a caller needs: the `permission` of one of the route's dependencies, or empty."""
    waiting = [*route.dependant.dependencies]
    while waiting:
        found = waiting.pop()
        permission = getattr(found.call, "permission", None)
        if permission is not None:
            return str(getattr(permission, "value", permission))
        waiting += found.dependencies
    return ""


def _say_what_is_answered(document: dict[str, Any]) -> None:
    """A request that is not valid is 400 here, not FastAPI's 422."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    reference = "#/components/schemas/{model}"
    problem = ProblemBody.model_json_schema(ref_template=reference)
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
