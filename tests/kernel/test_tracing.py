"""Traces for OpenTelemetry: an extra, loaded only when it is asked for."""

import subprocess
import sys
from importlib.util import find_spec

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kernel import trace
from kernel.trace import Traced
from kernel.tracing import TracingUnavailable, open_tracer

ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


async def answer(_request: Request) -> Response:
    return JSONResponse(trace.headers_to_send())


def test_without_an_endpoint_nothing_of_it_is_loaded():
    program = """
import sys
import kernel.tracing, kernel.trace
assert kernel.tracing.open_tracer(None, "live-agent") is None
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


async def test_a_request_is_a_span_of_its_callers_trace_and_so_is_what_it_calls():
    sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="requirements/tracing.txt is extra")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from kernel.tracing import OpenTelemetry

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app = Traced(Starlette(routes=[Route("/people/{id}", answer)]), OpenTelemetry(provider))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://site") as http:
        sent = (
            await http.get("/people/7?secret=1", headers={"traceparent": f"00-{ID}-{CALLER}-01"})
        ).json()["traceparent"]
        begun = (await http.get("/people/7")).json()["traceparent"]
        await http.get("/people/7", headers={"traceparent": "nonsense"})
    first, second, third = exporter.get_finished_spans()
    assert f"{first.context.trace_id:032x}" == ID
    assert f"{first.parent.span_id:016x}" == CALLER
    assert sent == f"00-{ID}-{first.context.span_id:016x}-01"  # the other system's is below ours
    assert first.name == "GET /people/{id}"
    assert "secret" not in str(first.to_json())
    assert f"{second.context.trace_id:032x}" in begun  # nobody began one: we do
    assert third.parent is None


@pytest.mark.skipif(find_spec("opentelemetry.sdk") is None, reason="an extra")
def test_with_the_packages_there_is_a_tracer():
    tracer = open_tracer("http://127.0.0.1:9/", "live-agent")
    assert tracer is not None
    tracer.close()


@pytest.mark.skipif(find_spec("opentelemetry.sdk") is not None, reason="they are installed")
def test_without_the_packages_it_is_said_where_they_are():
    with pytest.raises(TracingUnavailable, match=r"requirements/tracing\.txt"):
        open_tracer("http://127.0.0.1:9/", "live-agent")
