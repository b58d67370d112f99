"""A form with a file: read once, bounded, in memory, or refused with the reason."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from kernel.web.forms import (
    DRAINED,
    LARGEST_FILE,
    FormError,
    Upload,
    read_upload,
    upload_of,
)


def post(
    body: bytes, content_type: str | None = "multipart/form-data; boundary=b", chunk: int = 65_536
) -> Request:
    async def pieces() -> AsyncIterator[dict[str, Any]]:
        for start in range(0, len(body), chunk):
            yield {"type": "http.request", "body": body[start : start + chunk], "more_body": True}
        yield {"type": "http.request", "body": b""}

    messages = pieces()
    headers = [] if content_type is None else [(b"content-type", content_type.encode("latin-1"))]
    return Request({"type": "http", "method": "POST", "headers": headers}, lambda: anext(messages))


def form(content: bytes = b"a,b", name: str = "people.csv", **fields: str) -> Request:
    request = httpx.Request(
        "POST", "http://x", data=fields, files={"file": (name, content, "text/csv")}
    )
    return post(request.read(), request.headers["content-type"])


async def refusal_of(request: Request) -> FormError:
    with pytest.raises(FormError) as caught:
        await read_upload(request)
    return caught.value


async def test_fields_and_the_file_are_read() -> None:
    request = form(b"\x00\xff\r\n", csrf_token="abc", name_="Zoë", nothing="")
    assert await read_upload(request) == {"csrf_token": "abc", "name_": "Zoë"}
    assert upload_of(request) == Upload("people.csv", b"\x00\xff\r\n")


async def test_without_a_chosen_file_there_is_none() -> None:
    """What a browser sends then: a file without a name."""
    body = (
        b'--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--b\r\ncontent-disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--b--\r\n'
    )
    request = post(body)
    assert await read_upload(request) == {"a": "1"}
    assert upload_of(request) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\lists\\people.csv", "people.csv"),
        ("../../etc/people.csv", "people.csv"),
        ("ab\u202e.csv", "ab.csv"),
        ("x" * 500, "x" * 200),
        ("/", "-"),
    ],
)
async def test_a_file_name_is_one_line_without_folders(name: str, shown: str) -> None:
    request = form(name=name)
    await read_upload(request)
    found = upload_of(request)
    assert found is not None
    assert found.name == shown


async def test_a_file_has_its_largest_size() -> None:
    request = form(b"x" * LARGEST_FILE)
    await read_upload(request)
    found = upload_of(request)
    assert found is not None
    assert len(found.content) == LARGEST_FILE


@pytest.mark.parametrize("size", [LARGEST_FILE + 1, LARGEST_FILE + 100_000, 2 * DRAINED])
async def test_a_larger_file_is_refused(size: int) -> None:
    request = form(b"x" * size)
    assert (await refusal_of(request)).status == 413
    assert upload_of(request) is None


@pytest.mark.parametrize(
    "content_type", [None, "application/x-www-form-urlencoded", "text/csv", "application/json"]
)
async def test_a_body_of_another_kind_is_refused(content_type: str | None) -> None:
    assert "multipart/form-data" in (await refusal_of(post(b"a=1", content_type))).fault


FIELD = b'--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'
FILE = b'--b\r\ncontent-disposition: form-data; name="f"; filename="x"\r\n\r\n1\r\n'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (FIELD + FIELD + b"--b--", "multipart/form-data; boundary=b"),
        (FILE + FILE + b"--b--", "multipart/form-data; boundary=b"),
        (FIELD.replace(b"\r\n1\r\n", b"\r\n\0\r\n") + b"--b--", "multipart/form-data; boundary=b"),
        (b"--b\r\n\r\n1\r\n--b--", "multipart/form-data; boundary=b"),
        (b"nonsense", "multipart/form-data; boundary=b"),
        (FIELD, "multipart/form-data"),
        (FIELD, "multipart/form-data; boundary=" + "x" * 1000),
        (b"".join(FIELD.replace(b'"a"', b'"a%d"' % n) for n in range(101)) + b"--b--",
         "multipart/form-data; boundary=b"),
    ],
)  # fmt: skip
async def test_a_form_that_no_browser_sends_is_refused(body: bytes, content_type: str) -> None:
    assert (await refusal_of(post(body, content_type))).status == 400


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    async def run() -> None:
        for start in (b"", FIELD, FILE):
            try:
                fields = await read_upload(post(start + body))
            except FormError:
                continue
            assert all("\0" not in text for text in (*fields, *fields.values()))

    asyncio.run(run())


async def test_a_body_that_dawdles_is_left() -> None:
    async def never(_message: Any = None) -> Any:
        await asyncio.sleep(60)

    with pytest.raises(FormError) as caught:
        await read_upload(Request(form().scope, never), seconds=0.05)
    assert caught.value.status == 408
