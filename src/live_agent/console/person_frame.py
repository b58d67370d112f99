"""The pages of one person below Settings → Agents: which there are, and the frame around them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.site import say_of
from live_agent.agents import actions as agents
from live_agent.agents.rules import Right, User
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import check_account
from live_agent.problems import Problem
from live_agent.state import state_of

AGENTS = "agents"


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One tab: the last part of its address (empty: the person's own), its label, the right."""

    place: str
    label: str
    right: Right


# In the order of the tabs.
PERSON_PAGES = (
    PersonPage("", n_("Person"), Right.AGENTS_MANAGE),
    PersonPage("sessions", n_("Sessions"), Right.AGENTS_MANAGE),
    PersonPage("doors", n_("Ways in"), Right.AGENTS_MANAGE),
    PersonPage("history", n_("History"), Right.AGENTS_MANAGE),
)


def person_address(account_id: int, user_id: str, place: str = "") -> str:
    """A page of somebody."""
    below = f"/{place}" if place else ""
    return settings_address(account_id, f"{AGENTS}/{user_id}{below}")


async def get_person(request: Request) -> User:
    """Whom the address names; somebody of another account is not there at all."""
    session, user_id = check_account(request), str(request.path_params["user_id"])
    user = await agents.get(state_of(request).database, session.account_id, user_id)
    if user is None:
        raise ProblemError(Problem.PAGE_NOT_FOUND, account_id=session.account_id)
    return user


def person_page(
    request: Request, template: str, place: str, user: User, status: int = 200, **values: Any
) -> Response:
    """A page that extends `console/person.html`, below the tab with that address."""
    session, say = check_account(request), say_of(request)
    tabs = [
        {
            "label": say(one.label),
            "href": person_address(session.account_id, user.id, one.place),
            "current": one.place == place,
        }
        for one in PERSON_PAGES
        if one.right in session.rights
    ]
    return settings_page(
        request,
        template,
        AGENTS,
        status,
        person=user,
        own=user.id == session.user_id,
        person_tabs=tabs if len(tabs) > 1 else [],
        agents_href=settings_address(session.account_id, AGENTS),
        person_href=person_address(session.account_id, user.id),
        platform_person_url=platform_address(request, user),
        **values,
    )


def platform_address(request: Request, user: User) -> str:
    """Where Cognigy.AI administers the person; empty unless they come from our platform."""
    settings = state_of(request).settings
    pages = settings.cognigy_ai_ui_base_url_with_protocol
    if pages is None or user.subject is None or user.issuer != settings.issuer:
        return ""
    return f"{pages}/admin/users/{quote(user.subject, safe='')}"
