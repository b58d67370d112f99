"""The HTTP server: uvicorn on uvloop, on a socket that was opened before, ended by SIGTERM."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from kernel.connection import connection_of
from kernel.life import Life
from kernel.served_tls import ServedChain, reason_of

BACKLOG = 1024
# Longer than a load balancer's idle time (60 s as a rule): it must be the one that hangs up.
KEEP_ALIVE_SECONDS = 75
# Whoever comes later is told 503 and may come again; `kernel.connection` excepts two probes.
MOST_CONNECTIONS = 1000
CANNOT_START = 2
TICK_SECONDS = 0.1
LOOK_FOR_TLS_FILES_EVERY = 600  # ticks


def serve(
    app: ASGIApp,
    address: str,
    port: int,
    tls_cert_file: Path | None = None,
    tls_key_file: Path | None = None,
    life: Life | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, finish what is under way, return.

    After SIGTERM it serves on for `life.drain_seconds`, and says that it is about to go: load
    balancers look elsewhere meanwhile. Ctrl-C, or a second signal, does not wait for them.

    What keeps it from starting is one line on standard error and SystemExit 2. Exit code 3 is a
    failure of the application's own start.
    """
    chain = read_tls_files(tls_cert_file, tls_key_file)
    listener = open_listener(address, port)
    life = life or Life()
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=connection_of(life),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # it prints `?code=`
        proxy_headers=False,  # it believes every program on this machine
        server_header=False,
        date_header=True,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=life.finish_seconds,
        ssl_certfile=tls_cert_file,
        ssl_keyfile=tls_key_file,
    )
    server = _Server(config, life, chain)
    with listener:
        server.run(sockets=[listener])


def open_listener(address: str, port: int) -> socket.socket:
    """A listening socket; SystemExit 2 with the reason if there can be none."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        _cannot_start(
            f"Cannot listen on {address} port {port}: {reason}. "
            "Change PORT or LISTEN_ADDRESS, or stop the program that listens there."
        )
    return listener


def read_tls_files(cert_file: Path | None, key_file: Path | None) -> ServedChain | None:
    """None without files; SystemExit 2 with the reason if the pair cannot be served."""
    if cert_file is None:
        return None
    try:
        return ServedChain(cert_file, key_file)
    except (OSError, ValueError) as error:
        _cannot_start(
            f"Cannot use TLS_CERT_FILE {cert_file} with TLS_KEY_FILE {key_file}: "
            f"{reason_of(error)}."
        )


def _cannot_start(message: str) -> NoReturn:
    sys.stderr.write(message + "\n")
    raise SystemExit(CANNOT_START)


class _Server(uvicorn.Server):
    """Ends with exit code 0 on a signal; uvicorn's own would die of it once more at the end."""

    def __init__(self, config: uvicorn.Config, life: Life, chain: ServedChain | None) -> None:
        super().__init__(config)
        self._life, self._chain = life, chain
        self._in_haste = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._in_haste = self.should_exit or sig == signal.SIGINT
        super().handle_exit(sig, frame)

    async def main_loop(self) -> None:
        """uvicorn's own until a signal; then the drain, in which it serves on."""
        if self._chain is not None and self.config.ssl is not None:
            self._chain.show_with(self.config.ssl)
        await super().main_loop()
        self._life.drain()
        end = asyncio.get_running_loop().time() + self._life.drain_seconds
        while not self._in_haste and asyncio.get_running_loop().time() < end:
            await self.on_tick(0)  # keeps the Date header right
            await asyncio.sleep(TICK_SECONDS)
        self._life.last_call()

    async def on_tick(self, counter: int) -> bool:
        if self._chain is not None and (counter + 1) % LOOK_FOR_TLS_FILES_EVERY == 0:
            self._chain.look()
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)


class Late:
    """An ASGI application that is made in the server's own event loop, at its start.

    A connection pool belongs to the loop in which it was opened. What has been loaded stays until
    the end: the garbage collector, off while loading, never looks at it.
    """

    def __init__(self, make: Callable[[], Awaitable[ASGIApp]]) -> None:
        self._make = make
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:  # the first call is the lifespan's, before any request
            self._app = await self._make()
            gc.freeze()
            gc.enable()
        await self._app(scope, receive, send)
