"""/admin/audit: who did what to whom, and when; filtered, paged, exported."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.admin.audit_words import WORDS
from cognigy_ai.audit.actions import TRAIL
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.state import state_of
from kernel.web.audit_page import Shelf, audit_export, audit_values

AUDIT = "/admin/audit"


async def show_audit(request: Request) -> Response:
    """GET /admin/audit: the newest first, 50 a page."""
    state = state_of(request)
    return desk_page(
        request,
        "admin/audit.html",
        session_of(request),
        days=state.settings.audit_event_ttl_in_minutes // (24 * 60),
        **await audit_values(request, _shelf(request)),
    )


async def show_export(request: Request) -> Response:
    """GET /admin/audit/export.jsonl, .csv: that it was read is told too."""
    return await audit_export(request, _shelf(request), state_of(request).clock.now())


def _shelf(request: Request) -> Shelf:
    organisation = session_of(request).user.organisation_id
    return Shelf(TRAIL, WORDS, state_of(request).database, organisation, AUDIT)
