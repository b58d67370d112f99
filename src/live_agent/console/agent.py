"""GET settings/agents/{user_id}: one person, and what an administrator may do with them."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.web.forms import read_query
from kernel.web.site import say_of
from live_agent.agents import links
from live_agent.agents.rules import ROLE_NAMES, ROLES
from live_agent.console.agents import presence_of
from live_agent.console.person_frame import get_person, person_page
from live_agent.sessions import actions as sessions
from live_agent.settings import Settings
from live_agent.state import state_of

ROLE_MARK = "role."
DONE = {
    "added": n_("The person is added, and an invitation is on its way."),
    "saved": n_("Saved."),
    links.INVITATION: n_(
        "An invitation is on its way. Links that were sent before do not work any more."
    ),
    links.CONFIRMATION: n_("A link to confirm the address is on its way."),
    links.RESET: n_("A link to set a new password is on its way."),
}
FAULTS = {
    "name": n_("Write a name of at most 200 characters."),
    "no_address": n_("Write an address such as ada@example.com."),
    "taken": n_("Somebody in this account has this address already. Search for it in the list."),
    "roles": n_("Choose at least one role."),
}


async def show_agent(request: Request) -> Response:
    """The facts, and where each of them is changed."""
    return await agent_page(request, {}, {})


async def agent_page(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    """`typed` and `errors` (codes of FAULTS) of a form that was refused."""
    state, now, say = state_of(request), state_of(request).clock.now(), say_of(request)
    person = await get_person(request)
    signed_in = await sessions.list_signed_in(state.database, [person.id], now)
    there = signed_in.get(person.id)
    return person_page(
        request,
        "console/agent.html",
        "",
        person,
        422 if errors else 200,
        presence=presence_of(person, signed_in, now),
        browsers=there.number if there else 0,
        roles=[
            (say(ROLE_NAMES[role]), _from_platform(state.settings, role))
            for role in ROLES
            if role in person.roles
        ],
        issuer=person.issuer,
        may_manage=state.settings.allows_local_users,
        sends_mail=state.settings.sends_mail,
        needs=links.kind_for(person),
        choices=role_choices(request, chosen_roles(typed) if typed else person.roles),
        typed=typed,
        errors=worded(request, errors),
        done=say(DONE.get(read_query(request).get("done", ""), "")),
    )


def role_choices(request: Request, chosen: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    """Check boxes: the field's name, the role's, and whether it is ticked."""
    say = say_of(request)
    return [(f"{ROLE_MARK}{role}", say(ROLE_NAMES[role]), role in chosen) for role in ROLES]


def chosen_roles(form: Mapping[str, str]) -> tuple[str, ...]:
    """What was ticked."""
    return tuple(role for role in ROLES if f"{ROLE_MARK}{role}" in form)


def worded(request: Request, errors: Mapping[str, str]) -> dict[str, str]:
    """Texts for each field of the forms; empty where nothing is wrong."""
    say = say_of(request)
    return {
        field: say(FAULTS[errors[field]]) if field in errors else ""
        for field in ("name", "email", "roles")
    }


def _from_platform(settings: Settings, role: str) -> list[str]:
    """The roles of the platform that give the one here."""
    return [name for name, given in settings.role_map().items() if given == role]
