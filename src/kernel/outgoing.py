"""Calls from server to server: no redirect, TLS always verified, every failure has a name.

Addresses that the operator set are called as they are. Addresses that somebody entered on a page
or through the API are called `guarded`: whatever they resolve to, a connection is made only to a
public address or to one of OUTGOING_ALLOWED_NETWORKS. That is decided where the socket is made,
after the name was resolved, so a name that changes its mind in between gains nothing.
"""

import base64
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
from aiohappyeyeballs import AddrInfoType

from kernel import trace
from kernel.addresses import Network, is_public, is_within
from kernel.outgoing_faults import Failure as Failure
from kernel.outgoing_faults import NotAllowedError, named, without_query
from kernel.outgoing_faults import OutgoingError as OutgoingError

LARGEST_BODY = 1_000_000
CHUNK = 65_536
REDIRECTS = frozenset({300, 301, 302, 303, 305, 307, 308})
# Shorter than the five seconds after which uvicorn and others hang up: a request on a connection
# that the peer closes at that moment is lost, and a code cannot be redeemed twice.
KEEP_IDLE_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the peer said, whatever its status."""

    status: int
    headers: Mapping[str, str]  # names in any case
    body: bytes

    def json(self) -> dict[str, Any]:
        """The JSON object in the body; OutgoingError NOT_JSON for anything else."""
        try:
            value = json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return value
        kind = self.headers.get("Content-Type", "nothing").partition(";")[0][:60]
        raise OutgoingError(Failure.NOT_JSON, f"status {self.status} with {kind}, no JSON object")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON (RFC 8259 section 6)


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM: authorities trusted beside the system's, and our own certificate."""

    ca_file: Path | None = None
    client_cert_file: Path | None = None
    client_key_file: Path | None = None


class Outgoing:
    """One pool of connections for plain and one for guarded calls, opened at the first call.

    `allowed_networks` are open to guarded calls although they are not public.
    """

    def __init__(
        self,
        tls: Tls | None = None,
        *,
        timeout_seconds: float = 10,
        allowed_networks: tuple[Network, ...] = (),
    ) -> None:
        self._tls = tls or Tls()
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._allowed = allowed_networks
        self._context: ssl.SSLContext | None = None
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def get_json(
        self, url: str, headers: Mapping[str, str] | None = None, *, guarded: bool = False
    ) -> Answer:
        """GET; asks for JSON, which `Answer.json` then reads. Raises OutgoingError."""
        return await self._call("GET", url, headers, None, guarded=guarded)

    async def post_form(
        self,
        url: str,
        form: Mapping[str, str],
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        guarded: bool = False,
    ) -> Answer:
        """POST of a form; `auth` is a client's id and secret for HTTP Basic. Raises OutgoingError.

        RFC 6749 section 2.3.1: both are form-encoded before they are joined.
        """
        sent = dict(headers or {}) | {"Content-Type": "application/x-www-form-urlencoded"}
        if auth is not None:
            sent["Authorization"] = basic(*auth)
        return await self._call("POST", url, sent, urlencode(form).encode(), guarded=guarded)

    async def post_json(
        self, url: str, members: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """POST of a JSON object. Raises OutgoingError."""
        return await self._send_json("POST", url, members, headers)

    async def post_text(
        self, url: str, text: str, media_type: str, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """POST of ASCII text, such as a token. Raises OutgoingError."""
        sent = dict(headers or {}) | {"Content-Type": media_type}
        return await self._call("POST", url, sent, text.encode("ascii"), guarded=False)

    async def patch_json(
        self, url: str, members: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """PATCH with a JSON object. Raises OutgoingError."""
        return await self._send_json("PATCH", url, members, headers)

    async def delete(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """DELETE. Raises OutgoingError."""
        return await self._call("DELETE", url, headers, None, guarded=False)

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def _send_json(
        self, method: str, url: str, members: Mapping[str, Any], headers: Mapping[str, str] | None
    ) -> Answer:
        sent = dict(headers or {}) | {"Content-Type": "application/json"}
        body = json.dumps(dict(members), ensure_ascii=False).encode()
        return await self._call(method, url, sent, body, guarded=False)

    async def _call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        data: bytes | None,
        *,
        guarded: bool,
    ) -> Answer:
        _check_url(url)
        session = self._session(guarded=guarded)
        asked = {"Accept": "application/json", **trace.headers_to_send(), **(headers or {})}
        try:
            async with session.request(
                method, url, headers=asked, data=data, allow_redirects=False
            ) as response:
                if response.status in REDIRECTS:
                    target = without_query(response.headers.get("Location", "nowhere"))
                    raise OutgoingError(Failure.REDIRECTED, f"{response.status} to {target}")
                body = await _limited_body(response)
                return Answer(response.status, response.headers, body)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
            raise named(error) from error

    def _session(self, *, guarded: bool) -> aiohttp.ClientSession:
        # Two pools, or a guarded call could be given a connection that a plain one opened.
        session = self._sessions.get(guarded)
        if session is None:
            connector = aiohttp.TCPConnector(
                ssl=self._ssl_context(),
                keepalive_timeout=KEEP_IDLE_SECONDS,
                socket_factory=self._public_socket if guarded else None,
            )
            session = self._sessions[guarded] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                trust_env=False,  # a proxy would resolve names in our place
            )
        return session

    def _ssl_context(self) -> ssl.SSLContext:
        if self._context is None:
            context = ssl.create_default_context()
            if self._tls.ca_file is not None:
                context.load_verify_locations(self._tls.ca_file)
            if self._tls.client_cert_file is not None:
                context.load_cert_chain(self._tls.client_cert_file, self._tls.client_key_file)
            self._context = context
        return self._context

    def _public_socket(self, info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        host = str(address[0])
        if not is_public(host) and not is_within(host, self._allowed):
            # One text for all: aiohttp joins what several addresses of a name raised.
            raise NotAllowedError("the host has no public address")
        return socket.socket(family, kind, protocol)


def basic(client_id: str, client_secret: str) -> str:
    """The Authorization header of a client (RFC 6749 section 2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def date_offset(answer: Answer, now: int) -> int | None:
    """Seconds by which the peer's clock is ahead of ours (negative: behind); None if unsaid.

    From the Date header (RFC 9110 section 6.6.1), so only good to about a second.
    """
    try:
        return int(parsedate_to_datetime(answer.headers["Date"]).timestamp()) - now
    except (KeyError, ValueError, OverflowError):
        return None


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        good = good and parts.username is None and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise OutgoingError(Failure.BAD_ADDRESS, f"not an http or https URL: {without_query(url)}")


async def _limited_body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > LARGEST_BODY:
            response.close()  # not back into the pool: the rest is still coming
            raise OutgoingError(Failure.TOO_LARGE, f"more than {LARGEST_BODY} bytes")
    return bytes(body)
