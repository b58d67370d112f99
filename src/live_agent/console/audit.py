"""Settings → Audit log: who did what to whom, and when; filtered, paged, exported."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.web.audit_page import Shelf, audit_export, audit_values
from live_agent.audit import actions as audit
from live_agent.console.audit_words import WORDS
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import session_of
from live_agent.state import state_of

TAB = "audit"
MINUTES_OF_A_DAY = 24 * 60


async def show_audit(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/audit: the newest first, 50 a page."""
    return settings_page(
        request,
        "console/audit.html",
        TAB,
        days=state_of(request).settings.audit_event_ttl_in_minutes // MINUTES_OF_A_DAY,
        **await audit_values(request, _shelf(request)),
    )


async def show_export(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/audit/export.jsonl, .csv: that it was read is told too."""
    return await audit_export(request, _shelf(request), state_of(request).clock.now())


def _shelf(request: Request) -> Shelf:
    account = session_of(request).account_id
    address = settings_address(account, TAB)
    return Shelf(audit.TRAIL, WORDS, state_of(request).database, account, address)
