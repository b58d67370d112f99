"""GET /admin/users: the people of the organisation, searched, narrowed, sorted, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.admin.mail_state import mail_failing_since
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.roles.rules import BASE_ROLE, ROLES
from cognigy_ai.state import state_of
from cognigy_ai.users import listing
from cognigy_ai.users.listing import Query, Sort, State
from kernel.languages import n_
from kernel.web.site import language_of
from kernel.words import asked_words

USERS = "/admin/users"
LONGEST_SEARCH = 200
DONE = {
    "deleted": n_("The person is deleted."),
    "nobody": n_("Nobody was selected. Tick the people first."),
}
FIRST_DESCENDING = (Sort.ACTIVE,)  # pressed once, the latest come first


@dataclass(frozen=True, slots=True)
class View:
    """What the address asks for; what is not understood counts as not there."""

    search: str
    role: str
    state: str
    sort: Sort
    descending: bool

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
        return f"{USERS}?{urlencode(kept)}" if kept else USERS

    def query(self, organisation_id: str) -> Query:
        return Query(
            organisation_id,
            words=asked_words(self.search),
            role=self.role or None,
            state=State(self.state) if self.state else None,
            sort=self.sort,
            descending=self.descending,
        )


async def show_users(request: Request) -> Response:
    """GET /admin/users."""
    state, session = state_of(request), session_of(request)
    view = view_of(request.query_params)
    cursor = listing.open_cursor(state.keyring, request.query_params.get("at", ""), view.sort)
    query = view.query(session.user.organisation_id)
    found = await listing.list_page(state.database, query, cursor)
    near = {
        name: view.href(at=listing.seal_cursor(state.keyring, place)) if place else ""
        for name, place in (("previous", found.previous), ("next", found.next))
    }
    return desk_page(
        request,
        "admin/users.html",
        session,
        view=view,
        page_of_people=found,
        near=near,
        counted=listing.COUNTED,
        sorts=_sorts(view),
        states=[state.value for state in State],
        roles=[role for role in ROLES if role != BASE_ROLE],
        narrowed=bool(view.search or view.role or view.state),
        read_at=state.clock.now(),
        mail_failing_since=await mail_failing_since(request),
        done=state.site.pages.text(
            language_of(request), DONE.get(request.query_params.get("done", ""), "")
        ),
    )


def view_of(given: Mapping[str, str]) -> View:
    """From the query of an address."""
    sorts = {sort.value: sort for sort in Sort}
    role, state = given.get("role", ""), given.get("state", "")
    return View(
        search=" ".join(given.get("q", "")[:LONGEST_SEARCH].replace("\0", " ").split()),
        role=role if role in ROLES else "",
        state=state if state in [one.value for one in State] else "",
        sort=sorts.get(given.get("sort", ""), Sort.NAME),
        descending=given.get("order") == "desc",
    )


def _sorts(view: View) -> dict[str, dict[str, str]]:
    """Where the head of a column leads, and what it says of the order now."""
    heads = {}
    for sort in Sort:
        now = view.sort is sort
        descending = not view.descending if now else sort in FIRST_DESCENDING
        order = "desc" if descending else ""
        heads[sort.value] = {
            "href": view.href(sort="" if sort is Sort.NAME else sort.value, order=order),
            "sorted": ("descending" if view.descending else "ascending") if now else "",
        }
    return heads
