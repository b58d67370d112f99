"""Parameters are read once and in one way, or the request is refused with the reason."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from kernel.web.forms import (
    LONGEST_FORM,
    MOST_FIELDS,
    FormError,
    only,
    parse_parameters,
    read_form,
    read_query,
)

FORM = "application/x-www-form-urlencoded"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def fault_of(raw: bytes) -> str:
    with pytest.raises(FormError) as caught:
        parse_parameters(raw)
    assert caught.value.status == 400
    assert str(caught.value) == caught.value.fault
    return caught.value.fault


@given(st.dictionaries(TEXT, TEXT, max_size=20))
def test_what_a_browser_encodes_is_read_as_it_was_typed(form: dict[str, str]) -> None:
    assert parse_parameters(urlencode(form).encode()) == form


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        found = parse_parameters(raw)
    except FormError:
        return
    for text in (*found, *found.values()):
        assert "\0" not in text
        text.encode()
    assert all(found.values())


def test_an_empty_parameter_counts_as_absent() -> None:
    """RFC 6749 section 3.1."""
    assert parse_parameters(b"a=&b&c=1&=2&&") == {"c": "1", "": "2"}
    assert parse_parameters(b"") == {}


@pytest.mark.parametrize("raw", [b"a=1&a=2", b"a=1&a=1", b"a=&a=1", b"a=1&%61=2", b"a&a"])
def test_a_repeated_parameter_is_refused(raw: bytes) -> None:
    """RFC 6749 section 3.1: two readers could take one or the other."""
    assert fault_of(raw) == "A parameter is repeated."


def test_names_differ_by_case_and_brackets_mean_nothing() -> None:
    assert parse_parameters(b"a=1&A=2&a[]=3&a;b=4") == {"a": "1", "A": "2", "a[]": "3", "a;b": "4"}


@pytest.mark.parametrize(
    "raw", [b"a=%FF", b"a=%C3%28", b"a=%ED%A0%80", b"a=\xc3\xa9", b"%80=a", b"a=%C0%80"]
)
def test_what_is_not_utf_8_is_refused(raw: bytes) -> None:
    assert fault_of(raw) == "The request is not encoded as UTF-8."


@pytest.mark.parametrize("raw", [b"a=%00", b"a%00b=1", b"email=a%00@b.example"])
def test_a_character_that_no_database_keeps_is_refused(raw: bytes) -> None:
    assert fault_of(raw) == "A parameter holds a character that cannot be stored."


def test_a_request_of_too_many_parameters_is_refused() -> None:
    fields = [f"a{number}=1" for number in range(MOST_FIELDS + 1)]
    assert len(parse_parameters("&".join(fields[:-1]).encode())) == MOST_FIELDS
    assert fault_of("&".join(fields).encode()) == "The request has too many parameters."
    assert fault_of(b"&" * MOST_FIELDS) == "The request has too many parameters."


def test_the_named_parameters_are_carried_on() -> None:
    assert only({"a": "1", "b": "2", "c": "3"}, "c", "a", "missing") == {"a": "1", "c": "3"}


# --- a body, piece by piece -----------------------------------------------------------------------


class Body:
    """What the server hands over: pieces, counted as they are asked for."""

    def __init__(self, pieces: Iterable[bytes], *, broken: bool = False) -> None:
        self._messages = self._all(pieces, broken=broken)
        self.read = 0

    async def _all(self, pieces: Iterable[bytes], *, broken: bool) -> AsyncIterator[dict[str, Any]]:
        for piece in pieces:
            yield {"type": "http.request", "body": piece, "more_body": True}
        yield {"type": "http.disconnect"} if broken else {"type": "http.request", "body": b""}

    async def __call__(self) -> dict[str, Any]:
        self.read += 1
        return await anext(self._messages)


def post(body: Body, content_type: str | None = FORM, **headers: str) -> Request:
    named = headers | ({"content-type": content_type} if content_type is not None else {})
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
    return Request({"type": "http", "method": "POST", "headers": raw}, body)


async def refusal_of(request: Request) -> FormError:
    with pytest.raises(FormError) as caught:
        await read_form(request)
    return caught.value


@pytest.mark.parametrize("content_type", [FORM, FORM.upper(), f"{FORM} ; charset=utf-8"])
async def test_a_form_arrives_in_pieces(content_type: str) -> None:
    request = post(Body([b"na", b"me=Zo%", b"C3%AB"]), content_type)
    assert await read_form(request) == {"name": "Zoë"}


@pytest.mark.parametrize(
    "content_type",
    [None, "", "application/json", "multipart/form-data; boundary=x", "text/plain", f"x{FORM}"],
)
async def test_a_body_that_is_no_form_is_refused_unread(content_type: str | None) -> None:
    body = Body([b"a=1"])
    error = await refusal_of(post(body, content_type))
    assert error.fault == f"The request body must be {FORM}."
    assert body.read == 0


async def test_a_form_has_its_longest_size() -> None:
    value = "a" * (LONGEST_FORM - 2)
    assert await read_form(post(Body([b"a=", value.encode()]))) == {"a": value}


@pytest.mark.parametrize(
    "declared", [{}, {"content_length": "3"}, {"transfer_encoding": "chunked"}]
)
async def test_a_body_that_never_ends_is_left_whatever_it_declared(
    declared: dict[str, str],
) -> None:
    body = Body([b"a" * 16_384] * 1000)
    error = await refusal_of(post(body, **declared))
    assert (error.fault, error.status) == ("The request is too large.", 413)
    assert body.read == 5


async def test_a_client_that_goes_away_is_no_bug() -> None:
    error = await refusal_of(post(Body([b"a=1&b="], broken=True)))
    assert error.fault == "The request ended too early."


# --- a query --------------------------------------------------------------------------------------


def asked(query: bytes) -> Request:
    return Request({"type": "http", "query_string": query, "headers": []})


def test_a_query_is_read_as_a_form_is() -> None:
    assert read_query(asked(b"a=%20+b&c=" + quote_plus("é&").encode())) == {"a": "  b", "c": "é&"}
    with pytest.raises(FormError, match="repeated"):
        read_query(asked(b"a=1&a=2"))


def test_a_query_has_its_longest_size() -> None:
    assert read_query(asked(b"a=" + b"b" * (LONGEST_FORM - 2)))
    with pytest.raises(FormError, match="too large") as caught:
        read_query(asked(b"a=" + b"b" * (LONGEST_FORM - 1)))
    assert caught.value.status == 414


async def test_a_body_that_dawdles_is_left() -> None:
    async def never(_message: Any = None) -> Any:
        await asyncio.sleep(60)

    scope = post(Body([])).scope
    with pytest.raises(FormError) as caught:
        await read_form(Request(scope, never), seconds=0.05)
    assert (caught.value.fault, caught.value.status) == ("The request took too long.", 408)
