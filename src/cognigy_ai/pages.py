"""What pages of the platform share: the frame of a signed-in page, and the page of one API key."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.api_keys.rules import ApiKey
from cognigy_ai.guards import session_of
from cognigy_ai.roles.rules import permissions_of
from cognigy_ai.sessions.rules import Session
from cognigy_ai.state import state_of
from cognigy_ai.users.rules import User
from kernel.db import Tx
from kernel.html import Desk
from kernel.web.site import page, see_other

HOME = "/profile"

# A key that the person may see; raises API_KEY_UNKNOWN for all others.
GetKey = Callable[[Tx, User, str], Awaitable[ApiKey]]


def desk_page(
    request: Request, template: str, session: Session, status: int = 200, **values: Any
) -> Response:
    """A page that extends `layout.html`."""
    user, settings = session.user, state_of(request).settings
    desk = Desk(home=HOME, place=user.organisation_name, person=user.name, email=user.email)
    live_agent = settings.cognigy_live_agent_ui_base_url_with_protocol
    shown = live_agent if settings.feature_use_cognigy_live_agent else None
    allowed = {permission.name.lower() for permission in permissions_of(user.roles)}
    return page(
        request, template, status, desk=desk, may=allowed, live_agent_url=shown or "", **values
    )


async def key_page(request: Request, template: str, get: GetKey) -> Response:
    """The API key of the address, and the button that revokes it."""
    state, session = state_of(request), session_of(request)
    key = await get(state.database, session.user, request.path_params["key_id"])
    now_is = key.state(state.clock.now())
    return desk_page(request, template, session, key=key, key_state=now_is)


async def revoke_key(request: Request, listed_at: str, get: GetKey) -> Response:
    """It is worth nothing from now on."""
    state, session = state_of(request), session_of(request)
    async with state.database.transaction() as tx:
        key = await get(tx, session.user, request.path_params["key_id"])
        await api_keys.revoke(tx, key, state.clock.now())
    return see_other(f"{listed_at}?done=revoked")
