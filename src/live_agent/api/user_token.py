"""Who may call the Application API: a program with the token of a person, with their rights.

No cookie is read here, so nothing that a browser sends by itself opens anything.
"""

from fastapi.security import APIKeyHeader
from starlette.requests import Request

from kernel.problems import ProblemError
from kernel.throttle import network_key
from kernel.token_header import HEADER, presented_token
from kernel.web.site import client_of
from live_agent.api.token import ALSO
from live_agent.api_tokens import actions as api_tokens
from live_agent.api_tokens.rules import Holder
from live_agent.problems import Problem
from live_agent.state import state_of

CHALLENGE = 'ApiAccessToken realm="Application API"'
RETRY_SECONDS = 20


class UserToken(APIKeyHeader):
    """Every request is counted: a refused one under the network that it came from."""

    permission = "user token"

    def __init__(self) -> None:
        super().__init__(
            name=HEADER,
            scheme_name="userToken",
            description=f"A token that begins with la_, as a profile page makes it. {ALSO}",
            auto_error=False,
        )

    async def __call__(self, request: Request) -> Holder:  # type: ignore[override]  # whose it is
        """Raises a ProblemError unless the caller has a token that works."""
        state = state_of(request)
        one, now = presented_token(request.headers.getlist) or "", state.clock.now()
        holder = await api_tokens.find_holder(state.database, one) if one else None
        if holder is None:
            network = network_key(state.keyring, client_of(request))
            await state.api_refusals.count(request, network)
            raise ProblemError(Problem.API_TOKEN_REFUSED, challenge=CHALLENGE)
        await state.api_requests.count(request, holder.fingerprint)
        if not await state.owners.may_go_on(holder, now):
            if await api_tokens.find_holder(state.database, one) is None:
                raise ProblemError(Problem.API_TOKEN_REFUSED, challenge=CHALLENGE)
            raise ProblemError(Problem.API_TOKEN_UNCONFIRMED, retry_after=RETRY_SECONDS)
        await api_tokens.note_use(state.database, holder, now)
        return holder


USER_TOKEN = UserToken()
