"""The settings: which pages there are, who sees which, and the frame around them."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.site import say_of, see_other
from live_agent.agents.rules import Right
from live_agent.guards import check_account
from live_agent.pages import account_address, desk_page
from live_agent.problems import Problem


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One tab: the last part of its address, its label, the right that it needs."""

    place: str
    label: str
    right: Right


# In the order of the tabs.
PAGES = (
    SettingsPage("agents", n_("Agents"), Right.AGENTS_MANAGE),
    SettingsPage("differences", n_("Differences"), Right.AGENTS_MANAGE),
    SettingsPage("doors", n_("Ways in"), Right.AGENTS_MANAGE),
    SettingsPage("conflicts", n_("Conflicts"), Right.AGENTS_MANAGE),
    SettingsPage("sessions", n_("Sessions"), Right.AGENTS_MANAGE),
    SettingsPage("migration", n_("Migration"), Right.AGENTS_MANAGE),
    SettingsPage("account", n_("Account"), Right.ACCOUNT_SETTINGS),
    SettingsPage("audit", n_("Audit log"), Right.AUDIT_READ),
    SettingsPage("logins", n_("Logins"), Right.AUDIT_READ),
    SettingsPage("single-sign-on", n_("Single sign-on"), Right.ACCOUNT_SETTINGS),
)


async def go_to_settings(request: Request) -> Response:
    """GET /app/accounts/{id}/settings: the first page that the roles allow."""
    session = check_account(request)
    for page in PAGES:
        if page.right in session.rights:
            return see_other(settings_address(session.account_id, page.place))
    raise ProblemError(Problem.RIGHT_MISSING, right=PAGES[0].right.name.lower())


def settings_address(account_id: int, place: str) -> str:
    """A page of the settings, or one below it."""
    return account_address(account_id, f"settings/{place}")


def settings_page(
    request: Request, template: str, tab: str, status: int = 200, **values: Any
) -> Response:
    """A page that extends `console/settings.html`, below the tab with that address."""
    session = check_account(request)
    say = say_of(request)
    tabs = [
        {
            "label": say(page.label),
            "href": settings_address(session.account_id, page.place),
            "current": page.place == tab,
        }
        for page in PAGES
        if page.right in session.rights
    ]
    return desk_page(request, template, status, session=session, settings_tabs=tabs, **values)
