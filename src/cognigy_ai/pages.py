"""What pages of the platform share: the frame of a signed-in page."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.roles.rules import permissions_of
from cognigy_ai.sessions.rules import Session
from cognigy_ai.state import state_of
from kernel.html import Desk
from kernel.web.site import page

HOME = "/profile"


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
