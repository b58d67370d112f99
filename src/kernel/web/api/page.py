"""The page /openapi, made from the OpenAPI document, and the document itself."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kernel.html import Topic
from kernel.languages import n_
from kernel.problems import ProblemCatalogue
from kernel.web.api.application import Api, permission_of, routes_of
from kernel.web.api.problems import api_problems
from kernel.web.guards import Guard, guarded
from kernel.web.site import language_of, page, site_of

Show = Callable[[Request], Awaitable[Response]]
Document = Mapping[str, Any]

OPERATIONS = n_("Operations")
MORE = n_("More")
PROBLEMS = n_("Problems")
BOUNDS = ("minLength", "minimum"), ("maxLength", "maximum")


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, or a field of a body."""

    name: str
    place: str  # path, query, header or body
    kind: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    title: str
    description: str
    permission: str
    values: tuple[Value, ...]
    answer: tuple[Value, ...]
    statuses: tuple[tuple[str, str], ...]


def openapi_routes(api: Api, pages: Guard) -> list[BaseRoute]:
    """`/openapi` and `/openapi.json`; `pages` is the guard of a page that anybody may see."""
    return [
        guarded("GET", "/openapi", page_of(api), pages),
        guarded("GET", "/openapi.json", document_of(api), pages),
    ]


def page_of(api: Api) -> Show:
    """The API in words: every operation with what it takes and answers."""

    async def show_openapi(request: Request) -> Response:
        found = operations(api)
        language, say = language_of(request), site_of(request).pages.text
        topics = [
            (say(language, OPERATIONS), [Topic(_named(one), f"#{one.anchor}") for one in found]),
            (say(language, MORE), [Topic(say(language, PROBLEMS), "#problems")]),
        ]
        return page(
            request,
            "openapi.html",
            name=api.title,
            version=api.version,
            description=api.description,
            operations=found,
            problems=_problems(api.catalogue),
            topics=topics,
            home="/",
        )

    return show_openapi


def document_of(api: Api) -> Show:
    """The API for programs (OpenAPI 3.1)."""

    async def show_document(_request: Request) -> Response:
        return JSONResponse(api.openapi(), headers={"access-control-allow-origin": "*"})

    return show_document


def operations(api: Api) -> list[Operation]:
    """In the order of the routes."""
    document = api.openapi()
    return [
        _operation(document, path, method, permission_of(route))
        for path, route in routes_of(api)
        if route.include_in_schema
        for method in sorted(route.methods or ())
    ]


def _operation(document: Document, path: str, method: str, permission: str) -> Operation:
    found = document["paths"][path.replace(":path", "")][method.lower()]
    return Operation(
        anchor=f"{method.lower()}-{found['operationId']}",
        method=method,
        path=path,
        title=found.get("summary", ""),
        description=found.get("description", ""),
        permission=permission,
        values=tuple(_values(document, found)),
        answer=tuple(_answer(document, found)),
        statuses=tuple((code, said["description"]) for code, said in found["responses"].items()),
    )


def _values(document: Document, operation: Document) -> Iterator[Value]:
    for one in operation.get("parameters", []):
        kind = _kind(document, one["schema"])
        meaning = one.get("description", "")
        yield Value(one["name"], one["in"], kind, one.get("required", False), meaning)
    body = operation.get("requestBody")
    if body is not None:
        yield from _fields(document, body["content"]["application/json"]["schema"], "body")


def _answer(document: Document, operation: Document) -> Iterator[Value]:
    for code, said in operation["responses"].items():
        if code.startswith("2") and "application/json" in said.get("content", {}):
            schema = said["content"]["application/json"]["schema"]
            yield from _fields(document, schema, "body")
            return


def _fields(document: Document, schema: Document, place: str) -> Iterator[Value]:
    """Those of an object; of a list, those of its members."""
    whole = _resolved(document, schema)
    required = whole.get("required", [])
    for name, field in whole.get("properties", {}).items():
        meaning = field.get("description", "")
        yield Value(name, place, _kind(document, field), name in required, meaning)


def _resolved(document: Document, schema: Document) -> Document:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Document = document["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return found


def _kind(document: Document, schema: Document) -> str:
    """A type as people write it: `integer from 1 to 9`, `active | suspended`, `list of Account`."""
    if "$ref" in schema:
        return str(_resolved(document, schema).get("title", "object"))
    if "anyOf" in schema:
        return " | ".join(_kind(document, one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        return f"list of {_kind(document, schema['items'])}"
    return " ".join([str(schema.get("type", "any")), *_bounds(schema)])


def _bounds(schema: Document) -> Iterator[str]:
    for word, keys in zip(("from", "to"), BOUNDS, strict=True):
        yield from (f"{word} {int(schema[key])}" for key in keys if key in schema)


def _named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _problems(catalogue: type[ProblemCatalogue]) -> list[tuple[str, int, str, str]]:
    """(code, status, title, what to do) of each."""
    return [
        (one.code, one.spec.status, one.spec.title, one.spec.user_text)
        for one in api_problems(catalogue)
    ]
