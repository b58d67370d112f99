"""HTTP/1.1 over one connection that is kept open: less work for the driver than for the server."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

ANSWER_SECONDS = 30
LONGEST_HEAD = 1 << 20


class Failed(Exception):  # noqa: N818 - a finished operation is the other outcome
    """An operation did not give what it must give; it is counted as failed, never as done."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    set_cookies: list[str]
    body: bytes

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


@dataclass(slots=True)
class Cookies:
    """What one browser keeps of one system: all our cookies are for the whole site."""

    values: dict[str, str] = field(default_factory=dict)

    def take(self, set_cookies: list[str]) -> None:
        for line in set_cookies:
            pair, *attributes = line.split(";")
            name, _, value = pair.partition("=")
            if any(a.strip().lower() == "max-age=0" for a in attributes):
                self.values.pop(name, None)
            else:
                self.values[name] = value

    def header(self) -> dict[str, str]:
        if not self.values:
            return {}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.values.items())}


class Connection:
    """To one server of this machine; opened by the first request."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.hostname != "127.0.0.1" or parts.port is None:
            raise ValueError(f"{url} is not a port of this machine")
        self.origin = url
        self._host, self._port = parts.hostname, parts.port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await self._request("GET", target, headers or {}, b"")

    async def post(
        self, target: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Answer:
        encoded = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._request(
            "POST", target, encoded | dict(headers or {}), urlencode(form).encode()
        )

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(
                        self._host, self._port, limit=LONGEST_HEAD
                    )
                reader, writer = self._streams
                writer.write(_head(method, target, f"{self._host}:{self._port}", headers, body))
                return await self._answer(reader)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.close()
            raise Failed(f"no answer to {method} {target.partition('?')[0]}: {error!r}") from error

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        set_cookies = []
        for line in head[1:-2]:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                set_cookies.append(value.strip())
            else:
                headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        body = await reader.readexactly(length) if length else b""
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(head[0].split(" ")[1]), headers, set_cookies, body)


def _head(method: str, target: str, host: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
