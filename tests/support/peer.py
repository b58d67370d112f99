"""A small server on a real socket that answers whatever a test wants, well-formed or not."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Talk = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Peer:
    """`requests` are the raw requests as they came; `connections` counts the sockets."""

    port: int = 0
    scheme: str = "http"
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


def reply(
    body: bytes = b"{}",
    status: str = "200 OK",
    headers: str = "Content-Type: application/json\r\n",
) -> Talk:
    """A `Talk` that answers a request with this."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return raw(head + body)


def raw(answer: bytes, *, hang_up: bool = False) -> Talk:
    """A `Talk` that writes these bytes."""

    async def talk(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        if hang_up:
            writer.close()

    return talk


async def silence(_request: bytes, _writer: asyncio.StreamWriter) -> None:
    """A `Talk` that says nothing."""


@asynccontextmanager
async def peer_that_says(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """Runs the server on loopback; one request at a time on each connection."""
    peer = Peer(scheme="https" if context else "http")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = 0
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                peer.requests.append(head + await reader.readexactly(length))
                await talk(peer.requests[-1], writer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None
