"""GET /app/accounts/{id}/profile: what belongs to Cognigy.AI, and what is chosen here."""

from starlette.requests import Request
from starlette.responses import Response

from live_agent.guards import check_account
from live_agent.pages import desk_page


async def show_profile(request: Request) -> Response:
    """E-mail, name and password of a moved user are changed in Cognigy.AI alone."""
    session = check_account(request)
    return desk_page(request, "console/profile.html", session=session, here_path=request.url.path)
