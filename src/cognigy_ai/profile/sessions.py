"""GET /profile/sessions and what is ended there: the browsers in which I am signed in."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.profile.words import method_words
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.rules import PastLogin
from cognigy_ai.state import state_of
from kernel.devices import device_of, device_words
from kernel.languages import Say
from kernel.web.site import say_of, see_other

PAGE = "/profile/sessions"


@dataclass(frozen=True, slots=True)
class BrowserView:
    """One line of the page."""

    id: str
    device: str
    method: str
    is_this: bool
    began_at: int
    seen_at: int
    expires_at: int


async def show_sessions(request: Request) -> Response:
    """This browser first."""
    state, session, say = state_of(request), session_of(request), say_of(request)
    found = await sessions.list_of_user(state.database, session.user.id, state.clock.now())
    views = [_view(one, session.id, say) for one in found]
    return desk_page(
        request,
        "profile/sessions.html",
        session,
        browsers=sorted(views, key=lambda view: not view.is_this),
        others=sum(not view.is_this for view in views),
        most=sessions.MOST_LISTED,
        ended=request.query_params.get("ended", ""),
    )


async def post_end(request: Request) -> Response:
    """POST /profile/sessions/{session_id}/end: with what applications were given in it."""
    state, user = state_of(request), session_of(request).user
    now = state.clock.now()
    async with state.database.transaction() as tx:
        await sessions.end_of_user(tx, user, str(request.path_params["session_id"]), now)
    return see_other(f"{PAGE}?ended=one")


async def post_end_others(request: Request) -> Response:
    """POST /profile/sessions/end-others: only this browser stays signed in."""
    state, session = state_of(request), session_of(request)
    now = state.clock.now()
    async with state.database.transaction() as tx:
        await sessions.end_others(tx, session.user.id, session.id, now)
    return see_other(f"{PAGE}?ended=others")


def _view(one: PastLogin, this_id: str, say: Say) -> BrowserView:
    return BrowserView(
        id=one.id,
        device=device_words(device_of(one.user_agent), say),
        method=method_words(one.amr, say),
        is_this=one.id == this_id,
        began_at=one.began_at,
        seen_at=one.seen_at,
        expires_at=one.expires_at,
    )
