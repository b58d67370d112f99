"""GET, POST /break-glass/{secret}: an administrator gets in while the platform is down.

Opening the link changes nothing, since scanners open links too: the button spends it.
"""

from starlette.requests import Request
from starlette.responses import Response

from kernel.problems import ProblemError
from kernel.web.site import page, reference_of_request, site_of
from live_agent.break_glass import actions as break_glass
from live_agent.break_glass.actions import Visit
from live_agent.break_glass.rules import SESSION_SECONDS
from live_agent.pages import dashboard_address, signed_in
from live_agent.problems import Problem
from live_agent.state import state_of

LONGEST_SECRET = 100


async def show_break_glass(request: Request) -> Response:
    """Who gets in, why, and the button."""
    state = state_of(request)
    glass = await break_glass.find(state.database, _secret(request), state.clock.now())
    if glass is None:
        raise ProblemError(Problem.BREAK_GLASS_SPENT)
    return page(
        request,
        "emergency/break_glass.html",
        action=request.url.path,
        glass=glass,
        minutes=SESSION_SECONDS // 60,
    )


async def post_break_glass(request: Request) -> Response:
    """Spend it: a session of one hour, and a mail to every administrator."""
    state, now = state_of(request), state_of(request).clock.now()
    visit = Visit(
        request.headers.get("user-agent", ""),
        site_of(request).cookies.get(request, "session"),
        reference_of_request(request),
    )
    async with state.database.transaction() as tx:
        spent = await break_glass.spend(
            tx, state.keyring, state.outbox, _secret(request), visit, now
        )
    state.courier.wake()
    target = dashboard_address(spent.account_id)
    return signed_in(request, spent.session_secret, target, SESSION_SECONDS)


def _secret(request: Request) -> str:
    secret = str(request.path_params["secret"])
    if len(secret) > LONGEST_SECRET:
        raise ProblemError(Problem.BREAK_GLASS_SPENT)
    return secret
