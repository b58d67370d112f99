"""GET /profile/applications and Disconnect: who I let know what of me."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.clients import actions as clients
from cognigy_ai.clients.scope_texts import SCOPE_TEXTS
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.state import State, state_of
from cognigy_ai.tokens import applications
from cognigy_ai.tokens.rules import Application
from kernel.languages import Say
from kernel.web.site import say_of, see_other

PAGE = "/profile/applications"


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One section of the page."""

    client_id: str
    name: str
    scopes: list[str]
    since: int
    last_used_at: int | None


async def show_applications(request: Request) -> Response:
    """The one used last first."""
    state, session, say = state_of(request), session_of(request), say_of(request)
    now = state.clock.now()
    found = await applications.list_of_user(state.database, session.user.id, now)
    return desk_page(
        request,
        "profile/applications.html",
        session,
        applications=[await _view(state, one, say) for one in found],
        disconnected="disconnected" in request.query_params,
    )


async def post_disconnect(request: Request) -> Response:
    """POST /profile/applications/{client_id}/disconnect; to press it twice does no harm."""
    state, user = state_of(request), session_of(request).user
    now = state.clock.now()
    client_id = str(request.path_params["client_id"])
    async with state.database.transaction() as tx:
        done = await applications.disconnect(tx, user, client_id, now)
    return see_other(f"{PAGE}?disconnected" if done else PAGE)


async def _view(state: State, one: Application, say: Say) -> ApplicationView:
    client = await clients.find_registered(state.database, state.settings, one.client_id)
    return ApplicationView(
        client_id=one.client_id,
        name=one.client_id if client is None else client.name,
        scopes=[say(text) for name, text in SCOPE_TEXTS.items() if name in one.scopes],
        since=one.since,
        last_used_at=one.last_used_at,
    )
