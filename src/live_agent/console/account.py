"""Settings → Account: what the account is, and the one switch that its administrators have."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.web.site import see_other
from live_agent.accounts import actions as accounts
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import check_account
from live_agent.state import state_of

PLACE = "account"


async def show_account(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/account."""
    state, session = state_of(request), check_account(request)
    account = await accounts.find(state.database, session.account_id)
    assert account is not None  # the session is of it
    return settings_page(
        request,
        "console/account.html",
        PLACE,
        account=account,
        issuer=state.settings.issuer,
        action=settings_address(session.account_id, PLACE),
    )


async def post_second_approval(request: Request) -> Response:
    """POST: from now on a second administrator approves what one decides about a conflict."""
    state, session = state_of(request), check_account(request)
    async with state.database.transaction() as tx:
        await accounts.require_second_approval(
            tx, session.account_id, state.clock.now(), by=session.user_id
        )
    return see_other(settings_address(session.account_id, PLACE))
