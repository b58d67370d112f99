"""One client's connection: uvicorn's own, with limits on what it may send and how slowly.

uvicorn reads headers of any size for any time. RFC 6585 section 5 (431), RFC 9112 section 9.5.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from kernel.life import Life

# "Full" is no answer to these: whoever hears it would start the process anew.
ASKS_IF_ALIVE = (b"/health/liveness", b"/health/startup")
LONGEST_HEADERS = 32_768  # with the request line; proxies before us allow 8 kB to 16 kB a line


class Connection(HttpToolsProtocol):
    """Closes after headers that are too large or too slow, and after a body that nobody awaits."""

    headers_seconds: float = 30
    rest_seconds: float = 5  # for the rest of a body whose request was answered already

    life = Life()
    idle_seconds: float = 0.2  # what was sent when the end began is answered still

    _reads_headers = False
    _has_whole_request = True
    _size = 0  # of the complete headers
    _unfinished = 0  # bytes that have not become a complete header yet
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._close_in(self.headers_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._keep_open()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        began_before = self._reads_headers
        super().data_received(data)
        if began_before and self._reads_headers:
            self._unfinished += len(data)
            if self._unfinished > LONGEST_HEADERS:
                self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reads_headers, self._has_whole_request = True, False
        self._size = self._unfinished = 0
        self._close_in(self.headers_seconds)

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._count(len(name) + len(value) + len(": \r\n"))

    def on_headers_complete(self) -> None:
        self._reads_headers = False
        self._keep_open()
        asks_if_alive = self.url.partition(b"?")[0] in ASKS_IF_ALIVE
        self.limit_concurrency = None if asks_if_alive else self.config.limit_concurrency
        super().on_headers_complete()
        if (asks_if_alive or self.life.draining) and not self._is_idle():
            self.cycle.keep_alive = False  # a probe takes nobody's place; others go elsewhere

    def on_message_complete(self) -> None:
        self._has_whole_request = True
        self._keep_open()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._has_whole_request:
            self._close_in(self.rest_seconds)

    def shutdown(self) -> None:
        """No new connection is taken any more; a request that is on its way is answered still."""
        if self._is_idle():
            self.loop.call_later(self.idle_seconds, self._close_if_idle)
        else:
            self.cycle.keep_alive = False

    def _close_if_idle(self) -> None:
        if self._is_idle() and not self._reads_headers and not self.transport.is_closing():
            self.transport.close()

    def _is_idle(self) -> bool:
        cycle = getattr(self, "cycle", None)  # uvicorn has None there before the first request
        return cycle is None or bool(cycle.response_complete)

    def send_400_response(self, msg: str) -> None:
        """Also called by the parser's caller; the one of headers that are too large is 431."""
        if self.transport.is_closing():
            return
        if max(self._size, self._unfinished) <= LONGEST_HEADERS:
            super().send_400_response(msg)
            return
        head = (b"content-length: 0\r\n", b"connection: close\r\n", b"\r\n")
        self.transport.write(b"".join((STATUS_LINE[431], *head)))
        self.transport.close()

    def _count(self, more: int) -> None:
        self._size += more
        if self._size > LONGEST_HEADERS:
            raise ValueError(
                "headers too large"
            )  # the parser stops, and its caller sends the refusal

    def _close_in(self, seconds: float) -> None:
        self._keep_open()
        self._deadline = self.loop.call_later(seconds, self.transport.close)

    def _keep_open(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def connection_of(life: Life) -> type[Connection]:
    """The connections of one server, which know how far it is in its life."""
    return type("Connection", (Connection,), {"life": life})
