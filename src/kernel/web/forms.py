"""Forms and queries as the protocol wants them: bounded, and no parameter twice."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

LONGEST_FORM = 65_536
MOST_FIELDS = 100
LONGEST_SECONDS = 10


class FormError(Exception):
    """A request that cannot be read; `fault` is one of the sentences below, safe to show."""

    def __init__(self, fault: str, status: int = 400) -> None:
        super().__init__(fault)
        self.fault = fault
        self.status = status


def parse_parameters(raw: bytes) -> dict[str, str]:
    """`application/x-www-form-urlencoded` as names and values.

    RFC 6749 section 3.1: an empty parameter counts as absent, a repeated one is an error.
    Raises FormError.
    """
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            errors="strict",
        )
    except UnicodeDecodeError:
        raise FormError("The request is not encoded as UTF-8.") from None
    except ValueError:
        raise FormError("The request has too many parameters.") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise FormError("A parameter is repeated.")
        found[name] = value
    if any("\0" in name or "\0" in value for name, value in found.items()):
        # PostgreSQL has no such text.
        raise FormError("A parameter holds a character that cannot be stored.")
    return {name: value for name, value in found.items() if value}


async def read_form(request: Request, seconds: float = LONGEST_SECONDS) -> dict[str, str]:
    """The body of a form POST, at most 64 kB that come in that time; raises FormError."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise FormError("The request body must be application/x-www-form-urlencoded.")
    try:
        async with asyncio.timeout(seconds):
            body = await _read_body(request)
    except TimeoutError:
        raise FormError("The request took too long.", status=408) from None
    except ClientDisconnect:
        raise FormError("The request ended too early.") from None
    return parse_parameters(body)


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise FormError("The request is too large.", status=413)
    return bytes(body)


def read_query(request: Request) -> dict[str, str]:
    """The query; raises FormError."""
    raw: bytes = request.scope["query_string"]
    if len(raw) > LONGEST_FORM:
        raise FormError("The request is too large.", status=414)
    return parse_parameters(raw)


def only(found: Mapping[str, str], *names: str) -> dict[str, str]:
    """The named ones of the parameters, for carrying them on to the next page."""
    return {name: found[name] for name in names if name in found}
