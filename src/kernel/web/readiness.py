"""GET /health/readiness: may requests come? Liveness asks nothing of this."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kernel.bus import Bus
from kernel.db import Database, DatabaseUnavailable
from kernel.life import Life
from kernel.migrations import find_version, known_versions

OK, UNAVAILABLE = "ok", "unavailable"
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
        if any(value != OK for value in answer.values()):
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
        parts = {"database": OK, "schema": _schema(await find_version(database), known)}
        for name, check in checks.items():
            parts[name] = OK if await check() else UNAVAILABLE
    except DatabaseUnavailable:
        return {"database": UNAVAILABLE}
    return parts


def _schema(found: str | None, known: list[str]) -> str:
    """A newer one is right: migrations are safe with the previous version still running."""
    if found is None:
        return "missing"
    return "older" if found in known[:-1] else OK
