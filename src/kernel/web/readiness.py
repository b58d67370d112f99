"""GET /health/readiness: may requests come? Liveness asks nothing of this."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kernel.bus import Bus
from kernel.db import Database, DatabaseUnavailable
from kernel.life import Life
from kernel.migrations import find_version, known_versions, runs_on

OK, UNAVAILABLE = "ok", "unavailable"
NEWER = "newer"  # and this program may run on it
FINE = (OK, NEWER)
Check = Callable[[], Awaitable[bool]]


def readiness_of(package: str) -> Callable[[Request], Awaitable[Response]]:
    """The route of an application. `app.state.ready_checks` are its own questions, by name."""
    known = known_versions(package)

    async def show_ready(request: Request) -> Response:
        """May requests come: database, schema, keys, and is this process not about to end?

        Without Valkey everything works, a little later.
        """
        life: Life = request.app.state.life
        bus: Bus = request.app.state.bus
        answer = {"status": OK, **await _parts(request, known)}
        if life.draining:
            answer["server"] = "draining"
        if any(value not in FINE for value in answer.values()):
            answer["status"] = UNAVAILABLE
        ready = answer["status"] == OK
        if bus.is_set:
            answer["valkey"] = OK if bus.reachable else UNAVAILABLE
        return JSONResponse(answer, 200 if ready else 503)

    return show_ready


async def _parts(request: Request, known: list[str]) -> dict[str, str]:
    database: Database = request.app.state.database
    checks: dict[str, Check] = getattr(request.app.state, "ready_checks", {})
    try:
        parts = {"database": OK, "schema": await _schema(database, known)}
        for name, check in checks.items():
            parts[name] = OK if await check() else UNAVAILABLE
    except DatabaseUnavailable:
        return {"database": UNAVAILABLE}
    return parts


async def _schema(database: Database, known: list[str]) -> str:
    found = await find_version(database)
    if found is None:
        return "missing"
    if found in known:
        return OK if found == known[-1] else "older"
    return NEWER if await runs_on(database, found, known) else "too new"
