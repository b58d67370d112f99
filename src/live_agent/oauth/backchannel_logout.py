"""POST /omniauth/cognigy/backchannel-logout (OpenID Connect Back-Channel Logout 1.0).

What other providers tell instead of security events: somebody signed out there. Known and unknown
sessions are answered alike.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kernel.log import get_logger
from kernel.problems import ProblemError
from kernel.web.forms import FormError, read_form
from kernel.web.guards import ProtocolGuard
from kernel.web.site import reference_of_request
from live_agent.audit import actions as audit
from live_agent.oauth.events import TOKEN_FAULTS
from live_agent.signals import actions as signals
from live_agent.signals.rules import logout as logout_rules
from live_agent.state import state_of

log = get_logger(__name__)

BACKCHANNEL = ProtocolGuard()
NO_STORE = {"cache-control": "no-store"}


async def post_backchannel_logout(request: Request) -> Response:
    """End the sessions that the token names (section 2.7)."""
    state = state_of(request)
    now = state.clock.now()
    try:
        token = (await read_form(request)).get("logout_token", "")
        claims = (await state.provider.verify(token)).claims
    except FormError as error:
        return _refused(request, error.fault)
    except ProblemError as error:
        if error.fault not in TOKEN_FAULTS:
            return Response(status_code=503, headers=NO_STORE | {"retry-after": "5"})
        return _refused(request, "the token is not signed by the issuer")
    logout = logout_rules.read(
        claims,
        state.settings.issuer,
        state.settings.cognigy_oauth_client_id,
        state.settings.cognigy_oauth_clock_skew_seconds,
        now,
    )
    if isinstance(logout, str):
        return _refused(request, logout)
    reference = reference_of_request(request)
    audit.set_actor(audit.Actor(audit.PLATFORM))
    await signals.log_out(state.database, state.settings.issuer, logout, reference, now)
    return Response(status_code=200, headers=NO_STORE)


def _refused(request: Request, description: str) -> Response:
    log.warning("logout.rejected", description=description, reference=reference_of_request(request))
    body = {"error": "invalid_request", "error_description": description}
    return JSONResponse(body, 400, NO_STORE)
