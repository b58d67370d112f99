"""GET, POST /login/link/confirm/{secret}: the link that was mailed to the old address.

Opening it changes nothing, since mail scanners open links too: the button spends it. It counts
only in the browser in which the login began (lesson 19), so nobody confirms another's login.
"""

from starlette.requests import Request
from starlette.responses import Response

from kernel.opaque import fingerprint, same
from kernel.problems import ProblemError
from kernel.web.site import page
from live_agent.guards import find_session
from live_agent.migration import actions as migration
from live_agent.migration.actions import Pending
from live_agent.old_login.link import entered, find_pending, is_spent
from live_agent.problems import Problem
from live_agent.state import state_of


async def show_mailed_link(request: Request) -> Response:
    """Both accounts by name, and the button."""
    waiting = await _waiting(request, state_of(request).clock.now())
    if waiting is None:
        return _not_here(request)
    return page(
        request,
        "old_login/confirm.html",
        action=request.url.path,
        old_email=waiting.old_email,
        account=waiting.account_name,
        platform_email=waiting.login.email or waiting.login.name,
    )


async def post_mailed_link(request: Request) -> Response:
    """Spend the link and go on with the login."""
    now = state_of(request).clock.now()
    waiting = await _waiting(request, now)
    if waiting is None:
        if await find_session(request) is not None or await is_spent(request):
            raise ProblemError(Problem.LINK_CONFIRMATION)  # the guard leads on
        return _not_here(request)
    outcome = await migration.complete_by_mail(
        state_of(request),
        waiting,
        str(request.path_params["secret"]),
        user_agent=request.headers.get("user-agent", ""),
        now=now,
    )
    return entered(request, waiting, outcome)


async def _waiting(request: Request, now: int) -> Pending | None:
    """The proof of this browser, if the link is its newest one."""
    waiting = await find_pending(request, now)
    given = fingerprint(str(request.path_params["secret"]))
    if waiting is None or not same(waiting.mail_fingerprint or "", given):
        return None
    return waiting


def _not_here(request: Request) -> Response:
    """Spent, too old, replaced, or another browser: which one, only the right browser learns."""
    return page(request, "old_login/not_here.html", 400)
