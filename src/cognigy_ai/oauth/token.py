"""POST /auth/oauth2/token: codes, refresh tokens and clients' own credentials become tokens.

RFC 6749 section 3.2; each grant type has its file in `grants`.
"""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai import funnel
from cognigy_ai.oauth.answers import as_json
from cognigy_ai.oauth.client_authentication import authenticate
from cognigy_ai.oauth.grants import authorization_code, client_credentials, refresh_token
from cognigy_ai.oauth.grants.parameters import needed
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from kernel.problems import ProblemError
from kernel.web.forms import read_form

GRANTS = {
    "authorization_code": authorization_code.exchange,
    "refresh_token": refresh_token.exchange,
    "client_credentials": client_credentials.exchange,
}


async def post_token(request: Request) -> Response:
    """Authenticate the client, then exchange what it presents."""
    state = state_of(request)
    now = state.clock.now()
    form = await read_form(request)
    client = await authenticate(request, form, now)
    grant_type = needed(form, "grant_type")
    exchange = GRANTS.get(grant_type)
    if exchange is None:
        raise ProblemError(Problem.GRANT_TYPE_UNSUPPORTED, client_id=client.client_id)
    if grant_type not in client.grant_types:
        raise ProblemError(Problem.CLIENT_NOT_ALLOWED, client_id=client.client_id)
    try:
        tokens = await exchange(state, client, form, now)
    except ProblemError as error:
        if grant_type == "authorization_code":
            funnel.refused(state.metrics, "token", error)
        raise
    if grant_type == "authorization_code":
        funnel.passed(state.metrics, "token", client.client_id)
    state.metrics.count(funnel.TOKENS, grant_type)
    return as_json(tokens)
