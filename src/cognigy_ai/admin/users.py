"""GET /admin/users: the people of the organisation, searched, narrowed, sorted, page by page."""

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
from kernel.web.people_list import Orders, PeopleList, people_list
from kernel.web.site import language_of
from kernel.words import asked_words

USERS = "/admin/users"
DONE = {
    "deleted": n_("The person is deleted."),
    "nobody": n_("Nobody was selected. Tick the people first."),
}
ORDERS = Orders(usual=Sort.NAME, latest_first=Sort.ACTIVE)


async def show_users(request: Request) -> Response:
    """GET /admin/users."""
    state, session = state_of(request), session_of(request)
    view = people_list(USERS, request.query_params, ORDERS, roles=ROLES, states=State)
    cursor = listing.open_cursor(state.keyring, request.query_params.get("at", ""), view.sort)
    query = _query(view, session.user.organisation_id)
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
        sorts=view.heads(),
        states=[state.value for state in State],
        roles=[role for role in ROLES if role != BASE_ROLE],
        narrowed=view.narrowed,
        read_at=state.clock.now(),
        mail_failing_since=await mail_failing_since(request),
        done=state.site.pages.text(
            language_of(request), DONE.get(request.query_params.get("done", ""), "")
        ),
    )


def _query(view: PeopleList[Sort], organisation_id: str) -> Query:
    return Query(
        organisation_id,
        words=asked_words(view.search),
        role=view.role or None,
        state=State(view.state) if view.state else None,
        sort=view.sort,
        descending=view.descending,
    )
