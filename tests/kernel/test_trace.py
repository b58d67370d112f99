"""One trace id through the logs of everything that a request passes (W3C Trace Context)."""

import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kernel import trace
from kernel.log import configure, get_logger
from kernel.trace import Traced

ID = "4bf92f3577b34da6a3ce929d0e0e4736"
GOOD = f"00-{ID}-00f067aa0ba902b7-01"


async def answer(_request: Request) -> Response:
    get_logger("test").info("something.happened")
    return JSONResponse(trace.headers_to_send())


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def http() -> httpx.AsyncClient:
    app = Starlette(routes=[Route("/", answer)], middleware=[Middleware(Traced)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site")


async def test_the_id_is_in_the_log_and_in_what_is_sent_on(
    http: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
):
    configure("info")
    sent = (await http.get("/", headers={"traceparent": GOOD})).json()["traceparent"]
    event = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert event["trace_id"] == ID
    version, trace_id, span, flags = sent.split("-")
    assert (version, trace_id, flags) == ("00", ID, "01")
    assert span not in ("00f067aa0ba902b7", "0" * 16)  # a call of ours, not our caller's
    after = (await http.get("/")).json()  # the next request has no trace
    assert after == {}
    assert "trace_id" not in capsys.readouterr().err


async def test_a_later_version_may_say_more(http: httpx.AsyncClient):
    later = GOOD.replace("00-", "cc-", 1) + "-what-the-future-holds"
    assert ID in (await http.get("/", headers={"traceparent": later})).json()["traceparent"]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "nonsense",
        GOOD[:-1],
        GOOD.upper(),
        GOOD + "-more",
        GOOD + "x",
        GOOD.replace("00-", "ff-", 1),
        GOOD.replace(ID, "0" * 32),
        GOOD.replace("00f067aa0ba902b7", "0" * 16),
        GOOD + '\\n{"event":"forged"}',
    ],
)
async def test_what_is_no_trace_is_ignored(http: httpx.AsyncClient, value: str):
    assert (await http.get("/", headers={"traceparent": value})).json() == {}


async def test_two_traces_are_none(http: httpx.AsyncClient):
    twice = [("traceparent", GOOD), ("traceparent", GOOD)]
    assert (await http.get("/", headers=twice)).json() == {}
