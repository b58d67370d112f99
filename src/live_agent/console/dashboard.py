"""The desk's first page: who you are, what you may do, who else is there."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from kernel.problems import ProblemError
from kernel.web.addresses import safe_return_url
from kernel.web.guards import form_of
from kernel.web.site import language_of, see_other, site_of
from live_agent.agents import actions as agents
from live_agent.agents.rules import ROLE_NAMES, ROLES, Area, Right, roles_giving
from live_agent.guards import check_account, find_session
from live_agent.pages import dashboard_address, desk_page, page_number
from live_agent.problems import Problem
from live_agent.sessions import actions as sessions
from live_agent.sessions.actions import COLLEAGUES_AT_ONCE
from live_agent.sessions.rules import Session
from live_agent.state import state_of

Say = Callable[[str], str]
RightsByArea = list[tuple[str, list[tuple[str, str]]]]


async def go_home(request: Request) -> Response:
    """GET /, /app: to the dashboard of the session, or to the login."""
    session = await find_session(request)
    return see_other(dashboard_address(session.account_id) if session else "/login")


async def show_dashboard(request: Request) -> Response:
    """GET /app/accounts/{id}/dashboard."""
    session = check_account(request)
    now, number = state_of(request).clock.now(), page_number(request)
    database = state_of(request).database
    colleagues, total = await sessions.list_colleagues(database, session, now, number)
    last_page = max(1, -(-total // COLLEAGUES_AT_ONCE))
    say = _say(request)
    path = request.url.path
    return desk_page(
        request,
        "console/dashboard.html",
        session=session,
        roles=role_names(session.roles, say),
        rights=_rights(session, say),
        colleagues=[(one, role_names(one.roles, say)) for one in colleagues],
        total=total,
        first=(number - 1) * COLLEAGUES_AT_ONCE + 1,
        previous=f"{path}?page={number - 1}" if 1 < number <= last_page else "",
        next=f"{path}?page={number + 1}" if number < last_page else "",
    )


async def post_presence(request: Request) -> Response:
    """POST /app/accounts/{id}/presence: what the colleagues see."""
    session, form = check_account(request), form_of(request)
    try:
        await agents.set_presence(
            state_of(request).database, session.user_id, form.get("presence", "")
        )
    except ValueError:
        raise ProblemError(Problem.REQUEST_UNREADABLE) from None
    target = safe_return_url(form.get("return_to"))
    return see_other(target or dashboard_address(session.account_id))


def role_names(roles: tuple[str, ...], say: Say) -> list[str]:
    """Roles as people call them, the widest first."""
    return [say(ROLE_NAMES[role]) for role in ROLES if role in roles]


def _rights(session: Session, say: Say) -> RightsByArea:
    """Each right with the roles it comes from; that is said only if there are several roles."""
    several, held = len(session.roles) > 1, session.rights
    found: RightsByArea = []
    for area in Area:
        rights = [right for right in Right if right in held and right.spec.area is area]
        lines = [
            (
                say(right.spec.text),
                ", ".join(role_names(roles_giving(right, session.roles), say)) if several else "",
            )
            for right in rights
        ]
        if lines:
            found.append((say(area.value), lines))
    return found


def _say(request: Request) -> Say:
    pages, language = site_of(request).pages, language_of(request)
    return lambda text: pages.text(language, text)
