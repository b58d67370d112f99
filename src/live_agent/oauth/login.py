"""GET /login and /app/login: one button, "Sign in" with the Cognigy.AI account."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.web.addresses import safe_return_url
from kernel.web.forms import read_query
from kernel.web.site import language_of, page, see_other, site_of
from live_agent.agents import actions as agents
from live_agent.guards import find_session
from live_agent.oauth.addresses import old_login_address, start_address
from live_agent.pages import dashboard_address
from live_agent.problems import Problem
from live_agent.state import state_of

# What may have led here, by its code: the page tells it above its button.
NOTICES = {one.code: one for one in (Problem.LINK_CONFIRMATION, Problem.LOGIN_EXPIRED)}


async def show_login(request: Request) -> Response:
    """Somebody who is signed in is led on at once."""
    query = read_query(request)
    target = safe_return_url(query.get("return_to"))
    session = await find_session(request)
    if session is not None:
        return see_other(target or dashboard_address(session.account_id))
    noticed = NOTICES.get(query.get("notice", ""))
    return page(
        request,
        "oauth/login.html",
        notice=_say(request, noticed.spec.title) if noticed else "",
        notice_text=_say(request, noticed.spec.user_text) if noticed else "",
        start=start_address(target),
        old_login=old_login_address(target) if await _old_users_exist(request) else "",
    )


def _say(request: Request, text: str) -> str:
    return site_of(request).pages.text(language_of(request), text)


async def _old_users_exist(request: Request) -> bool:
    return await agents.has_old_users(state_of(request).database)
