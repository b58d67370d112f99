"""How long each request took and how it ended; in the chain only while metrics are on."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.metrics import Metrics, gauge, histogram

REQUESTS = histogram(
    "server_request_seconds",
    "Requests, from their headers to the end of the answer, by the path of ROUTES and the class of "
    "the status (`2xx`). Live connections (Server-Sent Events) are left out.",
    "method",
    "route",
    "status",
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
UNDER_WAY = gauge("server_requests_under_way", "Requests that are being answered now.")
METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
NO_ROUTE = "none"
LIVE = b"text/event-stream"


class Measured:
    """Pure ASGI, outermost: what is added below it is measured too."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self._metrics = app, metrics
        self._under_way = 0
        metrics.watch(UNDER_WAY, lambda: self._under_way)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status, live = perf_counter(), 500, False

        async def watch(message: Message) -> None:
            nonlocal status, live
            if message["type"] == "http.response.start":
                status = message["status"]
                live = any(
                    n == b"content-type" and v.startswith(LIVE) for n, v in message["headers"]
                )
            await send(message)

        self._under_way += 1
        try:
            await self.app(scope, receive, watch)
        finally:
            self._under_way -= 1
            if not live:
                taken = perf_counter() - begun
                self._metrics.observe(REQUESTS, taken, *_labels(scope, status))


def _labels(scope: Scope, status: int) -> tuple[str, str, str]:
    """From our own lists only: what a client makes up is `other` or `none`."""
    method: str = scope["method"] if scope["method"] in METHODS else "other"
    route = scope.get("route")
    path: str = getattr(route, "path_format", "") or getattr(route, "path", NO_ROUTE)
    return method, path, f"{status // 100}xx"
