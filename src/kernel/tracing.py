"""Traces for OpenTelemetry, if OTEL_EXPORTER_OTLP_ENDPOINT says where they go.

The packages are an extra (`requirements/tracing.txt`) and are loaded only then. A span is made for
each request; the calls to the other system within it carry its id, so that a login is one trace
over both. A span has the method and the path of ROUTES: no address, no query, no person.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from starlette.types import Scope

from kernel.trace import Trace, read_headers

DISTRIBUTION = "live-agent-cognigy-login"


class TracingUnavailable(Exception):  # noqa: N818 - what the operator reads
    """The extra is not installed."""


class OpenTelemetry:
    """One tracer for each process, in no global place."""

    def __init__(self, provider: Any) -> None:
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 - see the module's docstring
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
            TraceContextTextMapPropagator,
        )

        self._provider = provider
        self._tracer = provider.get_tracer("kernel", version(DISTRIBUTION))
        self._kind = SpanKind.SERVER
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, scope: Scope) -> Iterator[Trace]:
        """A span of the kind SERVER, below the caller's if it sent one."""
        parent = self._propagator.extract(read_headers(scope["headers"]))
        method = str(scope["method"])
        span = self._tracer.start_span(method, context=parent, kind=self._kind)
        made = span.get_span_context()
        try:
            yield Trace(f"{made.trace_id:032x}", f"{made.trace_flags:02x}", f"{made.span_id:016x}")
        finally:
            path = getattr(scope.get("route"), "path", "")
            span.update_name(f"{method} {path}".strip())
            span.set_attribute("http.request.method", method)
            if path:
                span.set_attribute("http.route", path)
            span.end()

    def close(self) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()


def open_tracer(endpoint: str | None, system: str) -> OpenTelemetry | None:
    """None without an endpoint. Raises TracingUnavailable if the packages are missing."""
    if not endpoint:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise TracingUnavailable(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the packages for traces are not installed. "
            "Install them with: pip install --require-hashes -r requirements/tracing.txt"
        ) from error
    resource = Resource.create({"service.name": system, "service.version": version(DISTRIBUTION)})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return OpenTelemetry(provider)
