"""GET and POST /auth/oauth2/userinfo: who the access token speaks of.

OpenID Connect Core section 5.3, RFC 6750.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.oauth.answers import ANY_ORIGIN, NO_STORE, as_json
from cognigy_ai.oauth.rules import bearer
from cognigy_ai.oauth.rules.claims import person_claims
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from cognigy_ai.tokens import actions as tokens
from kernel.problems import ProblemError
from kernel.web.forms import read_form, read_query

FORM = "application/x-www-form-urlencoded"


async def show_userinfo(request: Request) -> Response:
    """The claims as they are now, not as they were at the login."""
    state = state_of(request)
    form = await _form(request)
    authorization = request.headers.get("authorization")
    token = bearer.presented(authorization, form, read_query(request))
    if isinstance(token, Problem):
        raise _refusal(token)
    if not token:
        headers = {"www-authenticate": bearer.challenge(None)} | NO_STORE | ANY_ORIGIN
        return Response(status_code=401, headers=headers)
    grant = await tokens.find_by_access_token(state.database, token, state.clock.now())
    if grant is None:
        raise _refusal(Problem.ACCESS_TOKEN_INVALID)
    if grant.person is None:
        raise _refusal(Problem.SCOPE_INSUFFICIENT)
    return as_json(person_claims(grant.person, grant.scope))


async def _form(request: Request) -> Mapping[str, str]:
    """A POST may bring the token in its body, or have none."""
    is_form = request.headers.get("content-type", "").split(";")[0].strip().lower() == FORM
    return await read_form(request) if request.method == "POST" and is_form else {}


def _refusal(problem: Problem) -> ProblemError:
    return ProblemError(problem, challenge=bearer.challenge(problem))
