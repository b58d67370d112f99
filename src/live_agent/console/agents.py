"""GET settings/agents: the people of the account, searched, narrowed, sorted, page by page."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.web.forms import read_query
from kernel.web.people_list import Orders, PeopleList, people_list
from kernel.web.site import say_of
from kernel.words import asked_words
from live_agent.agents import listing
from live_agent.agents.listing import Query, Sort, State
from live_agent.agents.rules import ROLE_NAMES, ROLES, User
from live_agent.console.dashboard import role_names
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import check_account
from live_agent.sessions import actions as sessions
from live_agent.sessions.rules import SignedIn, presence_shown
from live_agent.state import state_of

PLACE = "agents"
DONE = {"deleted": n_("The person is deleted.")}
STATES = {
    State.LINKED: "Cognigy.AI",
    State.OLD: n_("Old password"),
    State.PENDING: n_("Verification pending"),
    State.DISABLED: n_("Disabled"),
}


ORDERS = Orders(usual=Sort.NAME, latest_first=Sort.LOGIN)


async def show_agents(request: Request) -> Response:
    """One page of the list."""
    state, session = state_of(request), check_account(request)
    given, now, say = read_query(request), state.clock.now(), say_of(request)
    path = settings_address(session.account_id, PLACE)
    view = people_list(path, given, ORDERS, roles=ROLES, states=State)
    cursor = listing.open_cursor(state.keyring, given.get("at", ""), view.sort)
    found = await listing.list_page(state.database, _query(view, session.account_id), cursor)
    signed_in = await sessions.list_signed_in(
        state.database, [user.id for user in found.people], now
    )
    pages = state.settings.cognigy_ai_ui_base_url_with_protocol
    places = {"previous": found.previous, "next": found.next}
    return settings_page(
        request,
        "console/agents.html",
        PLACE,
        view=view,
        rows=[
            (user, presence_of(user, signed_in, now), role_names(user.roles, say))
            for user in found.people
        ],
        total=found.total,
        counted=listing.COUNTED,
        near={
            name: view.href(at=listing.seal_cursor(state.keyring, place)) if place else ""
            for name, place in places.items()
        },
        heads=view.heads(),
        states=[(one.value, say(text)) for one, text in STATES.items()],
        roles=[(role, say(ROLE_NAMES[role])) for role in ROLES],
        read_at=now,
        may_manage=state.settings.allows_local_users,
        platform_people_url=f"{pages}/admin/users" if pages else "",
        done=say(DONE.get(given.get("done", ""), "")),
    )


def presence_of(user: User, signed_in: Mapping[str, SignedIn], now: int) -> str:
    """What colleagues see: what the person chose, while they are there."""
    there = signed_in.get(user.id)
    return presence_shown(user.presence, there.seen_at if there else None, now)


def _query(view: PeopleList[Sort], account_id: int) -> Query:
    return Query(
        account_id,
        words=asked_words(view.search),
        role=view.role or None,
        state=State(view.state) if view.state else None,
        sort=view.sort,
        descending=view.descending,
    )
