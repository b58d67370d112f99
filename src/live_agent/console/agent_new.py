"""GET, POST settings/agents/new: add a local person, who is invited by mail."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from kernel.problems import ProblemError
from kernel.web.guards import form_of
from kernel.web.site import see_other
from live_agent.agents import administration, links
from live_agent.agents.administration import NewAgent, Unacceptable
from live_agent.agents.rules import AGENT
from live_agent.console.agent import ROLE_MARK, chosen_roles, role_choices, worded
from live_agent.console.agent_deeds import by_of, count_mail
from live_agent.console.agents import PLACE
from live_agent.console.person_frame import person_address
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import check_not_emergency
from live_agent.problems import Problem
from live_agent.state import state_of


async def show_new_agent(request: Request) -> Response:
    """The empty form, where local users are still allowed."""
    check_not_emergency(request)
    if not by_of(request).may_manage:
        raise ProblemError(Problem.LOCAL_USERS_FROZEN)
    return _form(request, {f"{ROLE_MARK}{AGENT}": "1"}, {})


async def post_new_agent(request: Request) -> Response:
    """Add the person; the form comes back with what was typed when something is wrong."""
    check_not_emergency(request)
    state, form, by = state_of(request), form_of(request), by_of(request)
    typed = NewAgent(form.get("name", ""), form.get("email", ""), chosen_roles(form))
    try:
        async with state.database.transaction() as tx:
            now = state.clock.now()
            user = await administration.add(tx, state.outbox, by, typed, now)
            await count_mail(tx, state, links.INVITATION, user.email, now)
    except Unacceptable as fault:
        return _form(request, form, {fault.field: fault.code})
    state.courier.wake()
    return see_other(f"{person_address(by.account_id, user.id)}?done=added")


def _form(request: Request, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    place = settings_address(by_of(request).account_id, PLACE)
    return settings_page(
        request,
        "console/agent_new.html",
        PLACE,
        422 if errors else 200,
        action=f"{place}/new",
        agents_href=place,
        typed={name: typed.get(name, "") for name in ("name", "email")},
        choices=role_choices(request, chosen_roles(typed)),
        errors=worded(request, errors),
        sends_mail=state_of(request).settings.sends_mail,
    )
