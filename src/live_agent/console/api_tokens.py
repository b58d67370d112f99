"""POST profile/api-tokens: tokens with which programs read in the name of whoever makes them."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.problems import ProblemError
from kernel.web.guards import form_of, with_query
from kernel.web.site import see_other
from live_agent.api_tokens import actions as api_tokens
from live_agent.api_tokens.rules import LONGEST_NAME
from live_agent.guards import check_account, check_not_emergency
from live_agent.pages import account_address, desk_page
from live_agent.problems import Problem
from live_agent.state import state_of


async def post_make(request: Request) -> Response:
    """A new token, shown this once. Only people of Cognigy.AI have some: the others move first."""
    state, session, form = state_of(request), check_account(request), form_of(request)
    name = " ".join(form.get("name", "").split())[:LONGEST_NAME]
    if not name or not session.linked:
        raise ProblemError(Problem.REQUEST_UNREADABLE)
    check_not_emergency(request)
    async with state.database.transaction() as tx:
        secret = await api_tokens.make(tx, session, name, state.clock.now())
    return desk_page(
        request,
        "console/api_token_made.html",
        session=session,
        secret=secret,
        name=name,
        address=f"{state.settings.frontend_url}/api/v1/profile",
        back_href=account_address(session.account_id, "profile"),
    )


async def post_end_token(request: Request) -> Response:
    """POST profile/api-tokens/end: one of one's own."""
    state, session, form = state_of(request), check_account(request), form_of(request)
    mark = form.get("token", "")[:64]
    async with state.database.transaction() as tx:
        ended = await api_tokens.end(
            tx, session.user_id, session.account_id, mark, state.clock.now()
        )
    target = account_address(session.account_id, "profile")
    return see_other(with_query(target, done="token" if ended else "gone"))
