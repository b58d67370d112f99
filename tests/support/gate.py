"""What stands between two systems and may fail: it hands on, refuses, or holds the answers.

gate = Gate(desk.servers[0].address)
gate.mode = Mode.REFUSE          # nobody gets through
gate.mode = Mode.HOLD_ANSWERS    # the request arrives; the answer waits for `let_go`, in vain
"""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

SECONDS = 30


class Mode(Enum):
    """What becomes of a request."""

    OPEN = "open"
    REFUSE = "refuse"
    HOLD_ANSWERS = "hold answers"


class Gate:
    """`arrived` counts the requests that were handed on."""

    def __init__(self) -> None:
        self.to = ""
        self.mode = Mode.OPEN
        self.arrived = 0
        self.news = threading.Condition()
        self.let_go = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def await_arrivals(self, number: int) -> None:
        with self.news:
            assert self.news.wait_for(lambda: self.arrived >= number, SECONDS), self.arrived

    @contextmanager
    def open(self) -> Iterator["Gate"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.let_go.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _hand_on(self, method: str, path: str, body: bytes, headers: Any) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.to).netloc, timeout=SECONDS)
        kept = {k: v for k, v in headers.items() if k.lower() not in ("host", "content-length")}
        try:
            connection.request(method, path, body or None, kept)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                self.close_connection = True
                if gate.mode is Mode.REFUSE:
                    return
                status, said = gate._hand_on(self.command, self.path, body, self.headers)
                holds = gate.mode is Mode.HOLD_ANSWERS
                with gate.news:
                    gate.arrived += 1
                    gate.news.notify_all()
                if holds:
                    gate.let_go.wait(SECONDS)
                    return
                self.send_response(status)
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = do_PATCH = pass_on  # noqa: N815 - names of the library

            def log_message(self, *_arguments: object) -> None:
                """Nothing: the tests' output is for failures."""

        return Handler
