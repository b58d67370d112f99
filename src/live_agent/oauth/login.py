"""GET /login and /app/login: one button, "Sign in" with the Cognigy.AI account."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.web.addresses import safe_return_url
from kernel.web.forms import read_query
from kernel.web.site import page, see_other
from live_agent.agents import actions as agents
from live_agent.guards import find_session
from live_agent.oauth.addresses import dashboard_address, old_login_address, start_address
from live_agent.state import state_of


async def show_login(request: Request) -> Response:
    """Somebody who is signed in is led on at once."""
    target = safe_return_url(read_query(request).get("return_to"))
    session = await find_session(request)
    if session is not None:
        return see_other(target or dashboard_address(session.account_id))
    return page(
        request,
        "oauth/login.html",
        start=start_address(target),
        old_login=old_login_address(target) if await _old_users_exist(request) else "",
    )


async def _old_users_exist(request: Request) -> bool:
    return await agents.has_old_users(state_of(request).database)
