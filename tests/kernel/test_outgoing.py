"""Calls to other servers: every way they fail has a name, and none leads inside unasked."""

import asyncio
import base64
import datetime
import gzip
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from kernel import outgoing
from kernel.outgoing import Answer, Failure, Outgoing, OutgoingError, Tls, basic, date_offset
from support.peer import Talk, peer_that_says, raw, reply, silence
from support.postgres import free_port

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@pytest.fixture
async def calls() -> AsyncIterator[Outgoing]:
    opened = Outgoing(timeout_seconds=5)
    yield opened
    await opened.close()


async def failure_of(call: Any) -> OutgoingError:
    with pytest.raises(OutgoingError) as caught:
        await call
    return caught.value


async def test_an_answer_is_told_as_it_came(calls: Outgoing) -> None:
    said = reply(b'{"error": "invalid_grant"}', "400 Bad Request", "X-Reference: ABC\r\n")
    async with peer_that_says(said) as peer:
        answer = await calls.get_json(peer.url("/x?y=1"), {"X-Reference": "ABC"})
    assert answer.status == 400
    assert answer.headers["x-reference"] == "ABC"
    assert answer.json() == {"error": "invalid_grant"}
    request = peer.requests[0].decode()
    assert request.startswith("GET /x?y=1 HTTP/1.1\r\n")
    assert "Accept: application/json\r\n" in request
    assert "X-Reference: ABC\r\n" in request


async def test_a_form_is_posted_with_both_parts_of_the_client_encoded(calls: Outgoing) -> None:
    async with peer_that_says(reply()) as peer:
        await calls.post_form(peer.url("/token"), {"code": "a b&c", "é": "1"}, ("id:1", "s%ß +"))
        await calls.post_form(peer.url("/token"), {"code": "1"})
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    assert body == b"code=a+b%26c&%C3%A9=1"
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in head
    expected = base64.b64encode(b"id%3A1:s%25%C3%9F+%2B")
    assert b"Authorization: Basic " + expected + b"\r\n" in head
    assert b"Authorization" not in peer.requests[1]
    assert basic("id:1", "s%ß +") == "Basic " + expected.decode()


async def test_an_object_is_sent_as_json(calls: Outgoing) -> None:
    async with peer_that_says(reply(b'{"id": 7}', "201 Created")) as peer:
        made = await calls.post_json(peer.url("/accounts"), {"name": "Ä"}, {"X-Reference": "ABC"})
        await calls.patch_json(peer.url("/accounts/7"), {"status": "active"})
        gone = await calls.delete(peer.url("/accounts/7"), {"X-Reference": "DEF"})
    assert (made.status, made.json(), gone.status) == (201, {"id": 7}, 201)
    post, patch, delete = (request.partition(b"\r\n\r\n") for request in peer.requests)
    assert post[0].startswith(b"POST /accounts HTTP/1.1\r\n")
    assert post[2] == '{"name": "Ä"}'.encode()
    for header in (b"Content-Type: application/json", b"X-Reference: ABC"):
        assert header + b"\r\n" in post[0]
    assert patch[0].startswith(b"PATCH /accounts/7 ")
    assert patch[2] == b'{"status": "active"}'
    assert delete[0].startswith(b"DELETE /accounts/7 ")
    assert b"X-Reference: DEF\r\n" in delete[0] + b"\r\n"


async def test_calls_share_a_connection_and_no_cookie(calls: Outgoing) -> None:
    async with peer_that_says(reply(headers="Set-Cookie: a=b\r\n")) as peer:
        await calls.get_json(peer.url())
        await calls.get_json(peer.url())
    assert peer.connections == 1
    assert b"cookie" not in peer.requests[1].lower()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
async def test_a_redirect_is_told_and_not_followed(calls: Outgoing, status: str) -> None:
    async with peer_that_says(reply()) as target:
        location = f"Location: {target.url('/new?code=secret')}\r\n"
        async with peer_that_says(reply(b"", status, location)) as peer:
            error = await failure_of(calls.get_json(peer.url()))
    assert error.kind is Failure.REDIRECTED
    assert target.requests == []
    assert error.detail == f"{status[:3]} to {target.url('/new')}"
    assert "secret" not in str(error)


BROKEN: dict[str, tuple[Talk, Failure]] = {
    "hangs up": (raw(b"", hang_up=True), Failure.DISCONNECTED),
    "hangs up in the head": (raw(b"HTTP/1.1 200 OK\r\nX", hang_up=True), Failure.DISCONNECTED),
    "hangs up in the body": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", hang_up=True),
        Failure.DISCONNECTED,
    ),
    "is no HTTP": (raw(b"220 mail.example ESMTP\r\n\r\n", hang_up=True), Failure.DISCONNECTED),
    "says nothing": (silence, Failure.TIMED_OUT),
    "stops in the body": (
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
        Failure.TIMED_OUT,
    ),
    "is too long": (reply(b"x" * (outgoing.LARGEST_BODY + 1)), Failure.TOO_LARGE),
    "unpacks to too much": (
        reply(gzip.compress(b"x" * 20_000_000), headers="Content-Encoding: gzip\r\n"),
        Failure.TOO_LARGE,
    ),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_peer_that(what: str) -> None:
    talk, expected = BROKEN[what]
    calls = Outgoing(timeout_seconds=0.5)
    async with peer_that_says(talk) as peer:
        error = await failure_of(calls.get_json(peer.url("/?code=secret")))
    await calls.close()
    assert error.kind is expected
    assert "secret" not in str(error)


async def test_a_body_of_the_largest_size_is_read(calls: Outgoing) -> None:
    body = b'{"a": "' + b"x" * (outgoing.LARGEST_BODY - 9) + b'"}'
    async with peer_that_says(reply(body)) as peer:
        assert len((await calls.get_json(peer.url())).body) == outgoing.LARGEST_BODY


async def test_nobody_listens(calls: Outgoing) -> None:
    error = await failure_of(calls.get_json(f"http://127.0.0.1:{free_port()}/"))
    assert error.kind is Failure.UNREACHABLE
    assert "refused" in error.detail.lower()


async def test_a_name_that_does_not_resolve(
    calls: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_args: object, **_named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = await failure_of(calls.get_json("https://platform.invalid/"))
    assert error.kind is Failure.DNS


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "example.com",
        "http://",
        "http://user:secret@example.com/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://[::1/",
        "",
    ],
)
async def test_what_is_no_address_is_not_called(calls: Outgoing, url: str) -> None:
    error = await failure_of(calls.get_json(url))
    assert error.kind is Failure.BAD_ADDRESS
    assert "secret" not in str(error)


async def test_an_address_that_only_the_client_finds_bad(calls: Outgoing) -> None:
    error = await failure_of(calls.get_json("http://a\u2100b.example/"))
    assert error.kind is Failure.BAD_ADDRESS


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html>",
        b"",
        b"[1]",
        b'"text"',
        b"NaN",
        b'{"a": NaN}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
async def test_an_answer_that_is_no_json_object(body: bytes) -> None:
    with pytest.raises(OutgoingError) as caught:
        Answer(502, {"Content-Type": "text/html; charset=utf-8"}, body).json()
    assert caught.value.kind is Failure.NOT_JSON
    assert caught.value.detail == "status 502 with text/html, no JSON object"


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def serving(cert: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    cert.configure_cert(context)
    return context


async def call_over_tls(
    cert: trustme.LeafCert, trusted: trustme.CA | None, folder: Path
) -> Answer | OutgoingError:
    tls = Tls()
    if trusted is not None:
        tls = Tls(ca_file=folder / "ca.pem")
        trusted.cert_pem.write_to_path(str(folder / "ca.pem"))
    calls = Outgoing(tls, timeout_seconds=5)
    try:
        async with peer_that_says(reply(), serving(cert)) as peer:
            return await calls.get_json(peer.url())
    except OutgoingError as error:
        return error
    finally:
        await calls.close()


async def test_a_certificate_of_our_own_authority_is_trusted(
    authority: trustme.CA, tmp_path: Path
) -> None:
    answer = await call_over_tls(authority.issue_cert("127.0.0.1"), authority, tmp_path)
    assert isinstance(answer, Answer)
    assert answer.status == 200


async def test_a_certificate_that_nobody_known_signed(
    authority: trustme.CA, tmp_path: Path
) -> None:
    for trusted in (None, trustme.CA()):
        error = await call_over_tls(authority.issue_cert("127.0.0.1"), trusted, tmp_path)
        assert isinstance(error, OutgoingError)
        assert error.kind is Failure.TLS_UNTRUSTED


async def test_a_certificate_that_has_expired(authority: trustme.CA, tmp_path: Path) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    cert = authority.issue_cert("127.0.0.1", not_before=past, not_after=past.replace(year=2021))
    error = await call_over_tls(cert, authority, tmp_path)
    assert isinstance(error, OutgoingError)
    assert error.kind is Failure.TLS_EXPIRED


@pytest.mark.parametrize("name", ["other.example", "127.0.0.2"])
async def test_a_certificate_of_another_host(
    authority: trustme.CA, tmp_path: Path, name: str
) -> None:
    error = await call_over_tls(authority.issue_cert(name), authority, tmp_path)
    assert isinstance(error, OutgoingError)
    assert error.kind is Failure.TLS_HOSTNAME


async def test_a_peer_that_answers_a_handshake_in_clear() -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    calls = Outgoing(timeout_seconds=5)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    error = await failure_of(calls.get_json(url))
    await calls.close()
    server.close()
    assert error.kind is Failure.TLS_FAILED


async def test_our_own_certificate_is_shown_to_a_peer_that_asks(
    authority: trustme.CA, tmp_path: Path
) -> None:
    context = serving(authority.issue_cert("127.0.0.1"))
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    own = authority.issue_cert("live-agent.example")
    own.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
    shown = Outgoing(Tls(tmp_path / "ca.pem", tmp_path / "own.pem"), timeout_seconds=5)
    hidden = Outgoing(Tls(tmp_path / "ca.pem"), timeout_seconds=5)
    async with peer_that_says(reply(), context) as peer:
        assert (await shown.get_json(peer.url())).status == 200
        error = await failure_of(hidden.get_json(peer.url()))
    assert error.kind in (Failure.TLS_FAILED, Failure.DISCONNECTED)
    await shown.close()
    await hidden.close()


# --- guarded calls --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "2130706433",
        "0x7f000001",
        "127.1",
    ],
)
async def test_a_guarded_call_does_not_go_inside(calls: Outgoing, host: str) -> None:
    async with peer_that_says(reply()) as peer:
        error = await failure_of(calls.get_json(peer.url(host=host), guarded=True))
    assert error.kind in (Failure.NOT_ALLOWED, Failure.BAD_ADDRESS, Failure.DNS)
    assert peer.connections == 0


async def test_a_name_that_leads_inside_is_refused_where_the_socket_is_made(
    calls: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = socket.getaddrinfo

    def rebound(host: str, *args: Any, **named: Any) -> Any:
        found = original("127.0.0.1", *args, **named)
        return found if host == "public.example" else original(host, *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    async with peer_that_says(reply()) as peer:
        url = peer.url(host="public.example")
        assert (await calls.get_json(url)).status == 200  # set by the operator: as it is
        error = await failure_of(calls.get_json(url, guarded=True))
    assert error.kind is Failure.NOT_ALLOWED
    assert peer.connections == 1  # and not the connection that the plain call left open


async def test_several_inner_addresses_of_one_name_are_one_refusal(
    calls: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = (socket.SOCK_STREAM, 6, "")

    def several(_host: str, port: int, *_args: Any, **_named: Any) -> Any:
        return [
            (socket.AF_INET, *stream, ("10.0.0.1", port)),
            (socket.AF_INET6, *stream, ("fd00::1", port, 0, 0)),
            (socket.AF_INET, *stream, ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", several)
    error = await failure_of(calls.get_json("http://inner.example/", guarded=True))
    assert error.kind is Failure.NOT_ALLOWED


async def test_allowed_networks_open_guarded_calls() -> None:
    calls = Outgoing(timeout_seconds=5, allowed_networks=LOOPBACK)
    async with peer_that_says(reply()) as peer:
        answer = await calls.post_form(peer.url(), {"a": "b"}, guarded=True)
    assert answer.status == 200
    await calls.close()


# --- clocks apart ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "offset"),
    [
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0),
        ("Thu, 01 Jan 2026 00:02:00 GMT", 120),
        ("Wed, 31 Dec 2025 23:59:00 GMT", -60),
        ("yesterday", None),
        ("", None),
        ("Thu, 01 Jan 99999 00:00:00 GMT", None),
        (None, None),
    ],
)
def test_the_date_of_an_answer_shows_how_far_the_clocks_are_apart(
    date: str | None, offset: int | None
) -> None:
    headers = {} if date is None else {"Date": date}
    assert date_offset(Answer(200, headers, b""), 1_767_225_600) == offset
