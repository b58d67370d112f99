"""Is it Live Agent's server that asks? It presents the platform token, or its id and secret.

Either opens the same: whoever looks for a fault may have only one of the two right. Wrong ones are
counted for each network, and a right one always passes.
"""

from collections.abc import Mapping

from starlette.requests import Request

from cognigy_ai.oauth.client_authentication import authenticate_confidential
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from kernel.opaque import fingerprint, same
from kernel.problems import ProblemError
from kernel.throttle import NETWORK, network_key
from kernel.token_header import presented_token
from kernel.web.site import client_of

BY_TOKEN, BY_CLIENT = "platform_token", "client"


async def check_peer(request: Request, form: Mapping[str, str], now: int) -> str:
    """BY_TOKEN or BY_CLIENT; raises a ProblemError for everybody else."""
    presented = presented_token(request.headers.getlist)
    if presented is None:
        client = await authenticate_confidential(request, form, now)
        if client.client_id != state_of(request).settings.client_id_cognigy_live_agent:
            raise ProblemError(Problem.CLIENT_NOT_ALLOWED, client_id=client.client_id)
        return BY_CLIENT
    state = state_of(request)
    known = state.settings.cognigy_live_agent_platform_token
    if known is not None and same(fingerprint(presented), fingerprint(known.get_secret_value())):
        return BY_TOKEN
    key = "platform:" + network_key(state.keyring, client_of(request))
    until = await state.locks.record_failure(state.database, [(key, NETWORK)], now)
    if until > now:
        raise ProblemError(Problem.CLIENT_GUESSED_TOO_OFTEN, retry_after=until - now)
    raise ProblemError(
        Problem.PLATFORM_TOKEN_REFUSED, reason="unset here" if known is None else "differs"
    )
