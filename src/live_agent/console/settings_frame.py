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
    """One page: the last part of its address, its label, the right that it needs."""

    place: str
    label: str
    right: Right


# In the order in which they are listed.
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


# What pages are listed under; the last is for those that are in no other.
GROUPS: dict[str, tuple[str, ...]] = {
    n_("People"): ("agents", "migration", "differences", "conflicts"),
    n_("Access and history"): ("doors", "sessions", "logins", "audit"),
    n_("Set-up"): (),
}


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
    """A page that extends `console/settings.html`, the one at the place `tab` or below it."""
    session, say = check_account(request), say_of(request)
    groups: dict[str, list[dict[str, Any]]] = {group: [] for group in GROUPS}
    for one in PAGES:
        if one.right in session.rights:
            href = settings_address(session.account_id, one.place)
            line = {"label": say(one.label), "href": href, "current": one.place == tab}
            groups[_group_of(one.place)].append(line)
    listed = [(say(group), lines) for group, lines in groups.items() if lines]
    return desk_page(request, template, status, session=session, settings_groups=listed, **values)


def _group_of(place: str) -> str:
    return next((group for group, places in GROUPS.items() if place in places), list(GROUPS)[-1])
