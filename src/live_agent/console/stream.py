"""GET /app/accounts/{id}/stream: the live connection of an open page (Server-Sent Events).

It tells when the session ends. Each one is short, and the browser opens the next by itself: so the
session is looked at anew, and a server that stops loses nobody.
"""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from live_agent.guards import check_account
from live_agent.state import state_of

STREAM_SECONDS = 15
RETRY_MILLISECONDS = 200
OPENED = f"retry: {RETRY_MILLISECONDS}\nevent: open\ndata: \n\n"
ENDED = "event: ended\ndata: \n\n"


async def show_stream(request: Request) -> Response:
    """Opened by `live.js`."""
    session, streams = check_account(request), state_of(request).streams

    async def events() -> AsyncIterator[str]:
        yield OPENED
        if await streams.ended_within(session.fingerprint, STREAM_SECONDS):
            yield ENDED

    return StreamingResponse(
        events(),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )
