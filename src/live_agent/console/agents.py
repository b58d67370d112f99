"""GET settings/agents: the people of the account, searched, narrowed, sorted, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.web.forms import read_query
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

LONGEST_SEARCH = 200
PLACE = "agents"
DONE = {"deleted": n_("The person is deleted.")}
STATES = {
    State.LINKED: "Cognigy.AI",
    State.OLD: n_("Old password"),
    State.PENDING: n_("Verification pending"),
    State.DISABLED: n_("Disabled"),
}


@dataclass(frozen=True, slots=True)
class View:
    """What the address asks for; what is not understood counts as not there."""

    path: str
    search: str
    role: str
    state: str
    sort: Sort
    descending: bool

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.role or self.state)

    def href(self, **changes: str) -> str:
        """The address of the same list with changes; it begins with the first page."""
        values = {
            "q": self.search,
            "role": self.role,
            "state": self.state,
            "sort": "" if self.sort is Sort.NAME else self.sort.value,
            "order": "desc" if self.descending else "",
        }
        kept = {name: value for name, value in (values | changes).items() if value}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def heads(self) -> dict[str, dict[str, str]]:
        """Where the head of a column leads, and what it says of the order now."""
        return {sort.value: self._head(sort) for sort in Sort}

    def query(self, account_id: int) -> Query:
        return Query(
            account_id,
            words=asked_words(self.search),
            role=self.role or None,
            state=State(self.state) if self.state else None,
            sort=self.sort,
            descending=self.descending,
        )

    def _head(self, sort: Sort) -> dict[str, str]:
        now = self.sort is sort
        # Pressed once, the latest come first.
        descending = not self.descending if now else sort is Sort.LOGIN
        name, order = "" if sort is Sort.NAME else sort.value, "desc" if descending else ""
        said = "descending" if self.descending else "ascending"
        return {"href": self.href(sort=name, order=order), "sorted": said if now else ""}


async def show_agents(request: Request) -> Response:
    """One page of the list."""
    state, session = state_of(request), check_account(request)
    given, now, say = read_query(request), state.clock.now(), say_of(request)
    view = view_of(settings_address(session.account_id, PLACE), given)
    cursor = listing.open_cursor(state.keyring, given.get("at", ""), view.sort)
    found = await listing.list_page(state.database, view.query(session.account_id), cursor)
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


def view_of(path: str, given: Mapping[str, str]) -> View:
    """From the query of an address."""
    sorts = {sort.value: sort for sort in Sort}
    role, state = given.get("role", ""), given.get("state", "")
    return View(
        path,
        search=" ".join(given.get("q", "")[:LONGEST_SEARCH].split()),
        role=role if role in ROLES else "",
        state=state if state in [one.value for one in State] else "",
        sort=sorts.get(given.get("sort", ""), Sort.NAME),
        descending=given.get("order") == "desc",
    )
