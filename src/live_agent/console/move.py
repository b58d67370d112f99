"""The page between an old login and the desk: please use Cognigy.AI from now on."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.web.addresses import safe_return_url
from kernel.web.forms import read_query
from kernel.web.guards import with_query
from kernel.web.site import page
from live_agent.guards import START, check_account
from live_agent.moves import waves
from live_agent.pages import dashboard_address
from live_agent.state import state_of


async def show_move(request: Request) -> Response:
    """GET /app/accounts/{id}/move: Cognigy.AI first, and a way on with the old password."""
    session = check_account(request)
    target = safe_return_url(read_query(request).get("return_to"))
    target = target or dashboard_address(session.account_id)
    standing = await waves.find_standing(state_of(request).database, session.user_id)
    return page(
        request,
        "console/move.html",
        closes_at=standing.closes_at,
        start_href=with_query(START, return_to=target),
        target=target,
        email=session.email,
    )
