"""Who may call the Platform API: whoever has the platform token.

No cookie is read here, so nothing that a browser sends by itself opens anything.
"""

from fastapi.security import APIKeyHeader
from starlette.requests import Request

from kernel.opaque import fingerprint, same
from kernel.problems import ProblemError
from kernel.throttle import NETWORK, network_key
from kernel.token_header import HEADER, HYPHENATED, presented_token
from kernel.web.api.problems import ApiProblem
from kernel.web.site import client_of
from live_agent.audit import actions as audit
from live_agent.problems import Problem
from live_agent.state import State, state_of

ALSO = f"Where a proxy drops names with underscores, `{HYPHENATED}` is the same header."
CHALLENGE = 'ApiAccessToken realm="Platform API"'


class PlatformToken(APIKeyHeader):
    """The platform token, or the one before it. A right one passes however many were wrong."""

    permission = "platform token"

    def __init__(self) -> None:
        super().__init__(
            name=HEADER,
            scheme_name="platformToken",
            description=f"The value of COGNIGY_PLATFORM_APP_TOKEN. {ALSO}",
            auto_error=False,
        )

    async def __call__(self, request: Request) -> None:  # type: ignore[override]  # gives nothing
        """Raises a ProblemError unless the caller has the token."""
        state = state_of(request)
        known = state.settings.platform_tokens()
        if not known:
            raise ProblemError(Problem.PLATFORM_API_OFF)
        presented = presented_token(request.headers.getlist)
        if not presented:
            raise ProblemError(Problem.PLATFORM_TOKEN_MISSING, challenge=CHALLENGE)
        if not _fits(presented, known):
            await _count(request, state)
            raise ProblemError(Problem.PLATFORM_TOKEN_WRONG, challenge=CHALLENGE)
        audit.set_actor(audit.Actor(audit.PLATFORM))


PLATFORM_TOKEN = PlatformToken()


def _fits(presented: str, known: tuple[str, ...]) -> bool:
    given = fingerprint(presented)
    # All of them are compared: which one fits shows in no time that can be measured.
    fitting = [same(given, fingerprint(token)) for token in known]
    return any(fitting)


async def _count(request: Request, state: State) -> None:
    """One more wrong token of this network; raises TOO_MANY_REQUESTS when there were too many."""
    key = "platform:" + network_key(state.keyring, client_of(request))
    now = state.clock.now()
    until = await state.locks.record_failure(state.database, [(key, NETWORK)], now)
    if until > now:
        raise ProblemError(ApiProblem.TOO_MANY_REQUESTS, retry_after=until - now)
