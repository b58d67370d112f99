"""Settings → Single sign-on: what the doctor finds, for the administrators of an account."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.addresses import is_within
from kernel.web.guards import form_of
from kernel.web.site import host_of, say_of, see_other
from live_agent.console.check_words import TITLES, view
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.doctor.rules import own
from live_agent.doctor.rules.finding import Finding, in_order
from live_agent.guards import check_account
from live_agent.state import state_of

PLACE = "single-sign-on"


async def show_single_sign_on(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/single-sign-on: one row for each check."""
    state, session = state_of(request), check_account(request)
    found = await state.checkups.of(session.account_id)
    say = say_of(request)
    rows = [view(finding, say) for finding in in_order([*found, _browser(request)])]
    return settings_page(
        request,
        "console/single_sign_on.html",
        PLACE,
        rows=rows,
        wrong=sum(row.badge == "danger" for row in rows),
        lost=sum(row.badge == "warning" for row in rows),
        path=request.url.path,
    )


async def post_check_again(request: Request) -> Response:
    """POST /app/accounts/{id}/settings/single-sign-on: look anew, and come back to that row."""
    session = check_account(request)
    state_of(request).checkups.forget(session.account_id)
    name = form_of(request).get("check", "")
    row = f"#{name}" if name.partition(":")[0] in TITLES and name.isidentifier() else ""
    return see_other(settings_address(session.account_id, PLACE) + row)


def _browser(request: Request) -> Finding:
    """Does this very request come as FRONTEND_URL says?"""
    settings = state_of(request).settings
    scheme = settings.frontend_url.partition("://")[0]
    peer = request.client.host if request.client else ""
    trusted = bool(peer) and is_within(peer, settings.trusted_proxies)
    if trusted:
        forwarded = request.headers.get("x-forwarded-proto", scheme)
        scheme = forwarded.rpartition(",")[2].strip().lower()
    passed_on = any(f"x-forwarded-{name}" in request.headers for name in ("for", "host"))
    return own.browser(
        settings.frontend_url,
        f"{scheme}://{host_of(request)}",
        untrusted_proxy=passed_on and not trusted,
    )
