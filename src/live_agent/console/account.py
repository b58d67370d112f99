"""Settings → Account: what this account is, and where it comes from."""

from starlette.requests import Request
from starlette.responses import Response

from live_agent.accounts import actions as accounts
from live_agent.console.settings_frame import settings_page
from live_agent.guards import check_account
from live_agent.state import state_of


async def show_account(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/account."""
    state, session = state_of(request), check_account(request)
    account = await accounts.find(state.database, session.account_id)
    assert account is not None  # the session is of it
    return settings_page(
        request,
        "console/account.html",
        "account",
        account=account,
        issuer=state.settings.issuer,
    )
