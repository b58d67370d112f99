"""What pages of Live Agent share: addresses, the frame of a signed-in page, the cookie."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kernel.html import Desk
from kernel.web.forms import read_query
from kernel.web.site import page, see_other, site_of
from live_agent.agents.rules import Right
from live_agent.break_glass.rules import METHOD as BREAK_GLASS
from live_agent.guards import session_of
from live_agent.state import state_of

# Whoever has one of these sees the settings; console/settings_frame.py says which page needs which.
SETTINGS_RIGHTS = frozenset((Right.AGENTS_MANAGE, Right.AUDIT_READ, Right.ACCOUNT_SETTINGS))


MOST_PAGES = 10_000


def page_number(request: Request) -> int:
    """The page of a list that the address asks for; nonsense is the first one."""
    asked = read_query(request).get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1  # noqa: PLR2004
    return min(max(number, 1), MOST_PAGES)


def account_address(account_id: int, place: str) -> str:
    """A page of an account."""
    return f"/app/accounts/{account_id}/{place}"


def dashboard_address(account_id: int) -> str:
    return account_address(account_id, "dashboard")


def desk_page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page that extends `layout.html`."""
    session, settings = session_of(request), state_of(request).settings
    account = session.account_id
    desk = Desk(
        home=dashboard_address(account),
        place=session.account_name,
        person=session.name,
        email=session.email,
        presence=session.presence,
    )
    return page(
        request,
        template,
        status,
        desk=desk,
        dashboard_href=desk.home,
        profile_href=account_address(account, "profile"),
        settings_href=account_address(account, "settings"),
        may_settings=not SETTINGS_RIGHTS.isdisjoint(session.rights),
        stream_href=account_address(account, "stream"),
        drafts_of=session.user_id,
        silent_since=session.unreachable_since,
        break_glass_until=session.expires_at if session.method == BREAK_GLASS else None,
        presence_action=account_address(account, "presence"),
        platform_url=settings.cognigy_ai_ui_base_url_with_protocol or "",
        **values,
    )


def signed_in(
    request: Request, session_secret: str, target: str, lifetime: int | None = None
) -> Response:
    """To the page that was asked for, with the new session's cookie."""
    response = see_other(target)
    lifetime = lifetime or state_of(request).settings.auth_token_lifespan
    site_of(request).cookies.set(response, "session", session_secret, lifetime)
    return response
