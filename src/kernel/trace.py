"""The trace of a request, if something before us began one (W3C Trace Context).

Its id stands in every event of the log, and travels with each call to another system: so one id
finds a login in the logs of the ingress, of both systems and of whatever is between them. Traces
are begun and recorded here only with a tracer (`kernel.tracing`); without one, nothing costs
anything where nobody sends the header.
"""

import os
import re
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

# Section 3.2: version, trace id, parent id, flags. A later version may have more behind them.
TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)
SPAN_BYTES = 8


@dataclass(frozen=True, slots=True)
class Trace:
    """What is handed on: `span` is ours if we record one, `flags` say whether anybody does."""

    id: str
    flags: str
    span: str = ""


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def read(headers: list[tuple[bytes, bytes]]) -> Trace | None:
    """The trace of a request; several or malformed headers are none (section 3.2.2.3)."""
    given = [value for name, value in headers if name == b"traceparent"]
    if len(given) != 1:
        return None
    found = TRACEPARENT.match(given[0])
    if found is None:
        return None
    rest = given[0][found.end() :]
    if rest and (given[0].startswith(b"00") or not rest.startswith(b"-")):
        return None
    return Trace(found[1].decode(), found[2].decode())


def read_headers(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """What a tracer reads: only a `traceparent` that is right."""
    if read(headers) is None:
        return {}
    return {"traceparent": next(v.decode() for n, v in headers if n == b"traceparent")}


def headers_to_send() -> dict[str, str]:
    """For a call to another system within the request."""
    trace = _current.get()
    if trace is None:
        return {}
    span = trace.span or os.urandom(SPAN_BYTES).hex()
    return {"traceparent": f"00-{trace.id}-{span}-{trace.flags}"}


class Tracer(Protocol):
    """Records requests; `kernel.tracing` has one for OpenTelemetry."""

    def request(self, scope: Scope) -> AbstractContextManager[Trace]:
        """The span of a request, within the block."""
        ...


class Traced:
    """Pure ASGI, around the whole application: the trace of the request while it is answered."""

    def __init__(self, app: ASGIApp, tracer: Tracer | None = None) -> None:
        self.app, self._tracer = app, tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._tracer is not None:
            with self._tracer.request(scope) as trace:
                await self._within(trace, scope, receive, send)
        elif (given := read(scope["headers"])) is not None:
            await self._within(given, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _within(self, trace: Trace, scope: Scope, receive: Receive, send: Send) -> None:
        token = _current.set(trace)
        try:
            with structlog.contextvars.bound_contextvars(trace_id=trace.id):
                await self.app(scope, receive, send)
        finally:
            _current.reset(token)
