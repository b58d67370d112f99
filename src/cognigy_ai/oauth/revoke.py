"""POST /auth/oauth2/revoke: a client gives a token back (RFC 7009)."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.oauth.answers import ANY_ORIGIN, NO_STORE
from cognigy_ai.oauth.client_authentication import authenticate
from cognigy_ai.oauth.grants.parameters import needed
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from cognigy_ai.tokens import actions as tokens
from kernel.log import get_logger
from kernel.problems import ProblemError
from kernel.web.forms import read_form

log = get_logger(__name__)


async def post_revoke(request: Request) -> Response:
    """An unknown token is as good as revoked (section 2.2); the hint is not needed."""
    state = state_of(request)
    now = state.clock.now()
    form = await read_form(request)
    client = await authenticate(request, form, now)
    token = needed(form, "token")
    if not await tokens.revoke_token(state.database, token, client.client_id, now):
        raise ProblemError(Problem.TOKEN_OF_OTHER_CLIENT, client_id=client.client_id)
    log.info("token.revoked", client_id=client.client_id)
    return Response(status_code=200, headers=NO_STORE | ANY_ORIGIN)
