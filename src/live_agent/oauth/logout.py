"""POST /logout ends the session here; GET /logged-out offers to end the one of Cognigy.AI too.

OpenID Connect RP-Initiated Logout 1.0 section 2. The offer is a form that leads away, since the
platform's Lax cookie does not come with it: the hint says which session is meant.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kernel.opaque import new_id, same
from kernel.web.forms import read_query
from kernel.web.guards import GoElsewhere, StalePage
from kernel.web.site import page, see_other, site_of
from live_agent.guards import PageGuard, find_session
from live_agent.pages import dashboard_address
from live_agent.sessions import actions as sessions
from live_agent.state import state_of

COOKIE = "logout"
SEALED_FOR = "logout-offer"
KEPT_SECONDS = 600
# Its part of what all cookies may have together (`rules.flow`). Without its hint the platform asks
# the person to confirm.
LONGEST_COOKIE = 2600
PATH = "/logged-out"


class LogoutGuard(PageGuard):
    """The button on a page whose session is over already is no error: nothing is left to end."""

    async def check(self, request: Request) -> None:
        try:
            await super().check(request)
        except StalePage:
            if await find_session(request) is None:
                raise GoElsewhere(PATH) from None
            raise


LOGOUT = LogoutGuard()


async def post_logout(request: Request) -> Response:
    """The route: the session is over whatever happens next."""
    state, cookies = state_of(request), site_of(request).cookies
    now = state.clock.now()
    secret = cookies.get(request, "session")
    ended = None
    if secret is not None:
        async with state.database.transaction() as tx:
            ended = await sessions.end(tx, state.keyring, secret, "logout", now)
    response = see_other(PATH)
    cookies.delete(response, "session")
    if ended is not None and ended.method == "cognigy":
        cookies.set(response, COOKIE, _offer(request, ended.id_token), KEPT_SECONDS)
    return response


def _offer(request: Request, id_token: str | None) -> str:
    """What the next page needs, sealed; the `state` says that the way back is ours."""
    keyring = site_of(request).keyring
    state = new_id()
    sealed = keyring.seal(SEALED_FOR, {"state": state, "hint": id_token})
    if len(sealed) <= LONGEST_COOKIE:
        return sealed
    return keyring.seal(SEALED_FOR, {"state": state, "hint": None})


async def show_logged_out(request: Request) -> Response:
    """The route, before and after the way to the platform."""
    session = await find_session(request)
    if session is not None:
        return see_other(dashboard_address(session.account_id))
    cookies = site_of(request).cookies
    sealed = cookies.get(request, COOKIE)
    offer = site_of(request).keyring.open_sealed(SEALED_FOR, sealed) if sealed else None
    if not isinstance(offer, dict):
        return page(request, "oauth/logged_out.html", everywhere=False, end_session=None)
    if same(read_query(request).get("state", ""), offer["state"]):
        response = page(request, "oauth/logged_out.html", everywhere=True, end_session=None)
        cookies.delete(response, COOKIE)
        return response
    return _page_with_offer(request, offer)


def _page_with_offer(request: Request, offer: dict[str, Any]) -> Response:
    state = state_of(request)
    address = state.provider.logout_url()
    fields = {
        "id_token_hint": offer["hint"] or "",
        "client_id": state.settings.cognigy_oauth_client_id,
        "post_logout_redirect_uri": state.settings.frontend_url + PATH,
        "state": offer["state"],
    }
    return page(
        request,
        "oauth/logged_out.html",
        form_targets=[address],
        everywhere=False,
        end_session=address,
        fields={name: value for name, value in fields.items() if value},
    )
