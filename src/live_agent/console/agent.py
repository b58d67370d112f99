"""GET settings/agents/{user_id}: one person, and what an administrator may do with them."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.web.site import say_of
from live_agent.agents.rules import ROLE_NAMES, ROLES
from live_agent.console.agents import presence_of
from live_agent.console.person_frame import get_person, person_page
from live_agent.sessions import actions as sessions
from live_agent.settings import Settings
from live_agent.state import state_of


async def show_agent(request: Request) -> Response:
    """The facts, and where each of them is changed."""
    state, now = state_of(request), state_of(request).clock.now()
    person = await get_person(request)
    signed_in = await sessions.list_signed_in(state.database, [person.id], now)
    say = say_of(request)
    there = signed_in.get(person.id)
    return person_page(
        request,
        "console/agent.html",
        "",
        person,
        presence=presence_of(person, signed_in, now),
        browsers=there.number if there else 0,
        roles=[
            (say(ROLE_NAMES[role]), from_platform(state.settings, role))
            for role in ROLES
            if role in person.roles
        ],
        issuer=person.issuer,
    )


def from_platform(settings: Settings, role: str) -> list[str]:
    """The roles of the platform that give the one here."""
    return [name for name, given in settings.role_map().items() if given == role]
