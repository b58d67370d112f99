"""Servers that are not ours: a page of another site, a provider that answers wrongly."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[bytes], tuple[int, str, str]]  # body of the request → status, type, text


def html(text: str, status: int = 200) -> Answer:
    return lambda _body: (status, "text/html", f"<!doctype html><title>Stranger</title>{text}")


def as_json(make: Callable[[bytes], Any]) -> Answer:
    return lambda body: (200, "application/json", json.dumps(make(body)))


def late(seconds: float) -> Answer:
    """Says nothing for so long."""

    def answer(_body: bytes) -> tuple[int, str, str]:
        time.sleep(seconds)
        return 200, "application/json", "{}"

    return answer


@dataclass
class Stranger:
    """`answers` by path; `localhost` is another site than 127.0.0.1, where ours are."""

    port: int = 0
    scheme: str = "http"
    ahead: int = 0  # seconds that its clock is ahead of ours
    answers: dict[str, Answer] = field(default_factory=dict)

    def url(self, path: str = "/", host: str = "localhost") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


@contextmanager
def stranger(tls: ssl.SSLContext | None = None, **answers: Answer) -> Iterator[Stranger]:
    """A server on loopback; `stranger(page=html(...))` answers at `/page`."""
    found = Stranger(answers={f"/{name}": answer for name, answer in answers.items()})

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            answer = found.answers.get(self.path.partition("?")[0], html("nothing", 404))
            status, kind, text = answer(body)
            self.send_response(status)
            self.send_header("content-type", f"{kind}; charset=utf-8")
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = answer  # noqa: N815 - as http.server calls them

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((timestamp or time.time()) + found.ahead)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Somebody hung up, or did not like our certificate."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        found.scheme = "https"
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
