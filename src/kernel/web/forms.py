"""Forms and queries as the protocol wants them: bounded, and no parameter twice."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

LONGEST_FORM = 65_536
MOST_FIELDS = 100
LONGEST_SECONDS = 10
LARGEST_FILE = 2_097_152
LARGEST_UPLOAD = LARGEST_FILE + LONGEST_FORM
DRAINED = 8 * LARGEST_FILE  # a browser that is cut off in between shows its own error
LONGEST_UPLOAD_SECONDS = 60
LONGEST_FILE_NAME = 200


class FormError(Exception):
    """A request that cannot be read; `fault` is one of the sentences below, safe to show."""

    def __init__(self, fault: str, status: int = 400) -> None:
        super().__init__(fault)
        self.fault = fault
        self.status = status


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a form. The name is for showing: one line, no folder."""

    name: str
    content: bytes


class InMemory(MultiPartParser):
    """Lists of people are not written to a disk's temporary folder."""

    spool_max_size = LARGEST_UPLOAD + 1

    def close(self) -> None:
        """Also the file whose part did not end."""
        for file in self._files_to_close_on_error:
            file.close()


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
    _check_kind(request, "application/x-www-form-urlencoded")
    return parse_parameters(await _in_time(request, seconds, LONGEST_FORM, LONGEST_FORM))


async def read_body(request: Request, kind: str, seconds: float = LONGEST_SECONDS) -> bytes:
    """A body of that kind, at most 64 kB that come in that time; raises FormError."""
    _check_kind(request, kind)
    return await _in_time(request, seconds, LONGEST_FORM, LONGEST_FORM)


async def read_upload(request: Request, seconds: float = LONGEST_UPLOAD_SECONDS) -> dict[str, str]:
    """The fields of a form with one file, at most 2 MB; `upload_of` has the file afterwards.

    RFC 7578. Raises FormError, with status 413 for a file that is larger.
    """
    _check_kind(request, "multipart/form-data")
    body = await _in_time(request, seconds, LARGEST_UPLOAD, DRAINED)

    async def stream() -> AsyncIterator[bytes]:
        yield body

    headers = Headers(scope=request.scope)
    parser = InMemory(headers, stream(), max_files=1, max_fields=MOST_FIELDS)  # type: ignore[arg-type]
    try:
        form = await parser.parse()
        return await _fields_and_file(request, form.multi_items())
    except (MultiPartException, LookupError):
        raise FormError("The form could not be read.") from None
    finally:
        parser.close()


def upload_of(request: Request) -> Upload | None:
    """The file that the guard has read; None if no file was chosen."""
    found: Upload | None = getattr(request.state, "upload", None)
    return found


async def _fields_and_file(
    request: Request, items: list[tuple[str, UploadFile | str]]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in items:
        if name in found:
            raise FormError("A parameter is repeated.")
        if not isinstance(value, UploadFile):
            found[name] = value
        elif value.filename:
            content = await value.read()
            if len(content) > LARGEST_FILE:
                raise FormError("The request is too large.", status=413)
            request.state.upload = Upload(_shown_name(value.filename), content)
    if any("\0" in name or "\0" in value for name, value in found.items()):
        raise FormError("A parameter holds a character that cannot be stored.")
    return {name: value for name, value in found.items() if value}


def _shown_name(given: str) -> str:
    last = PurePosixPath(given.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:LONGEST_FILE_NAME] or "-"


def _check_kind(request: Request, wanted: str) -> None:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != wanted:
        raise FormError(f"The request body must be {wanted}.")


async def _in_time(request: Request, seconds: float, longest: int, drained: int) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await _read_body(request, longest, drained)
    except TimeoutError:
        raise FormError("The request took too long.", status=408) from None
    except ClientDisconnect:
        raise FormError("The request ended too early.") from None


async def _read_body(request: Request, longest: int, drained: int) -> bytes:
    """What is longer is refused; up to `drained` only after it has come, and is thrown away."""
    body, come = bytearray(), 0
    async for chunk in request.stream():
        come += len(chunk)
        if come > drained:
            break
        if come <= longest:
            body += chunk
    if come > longest:
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
