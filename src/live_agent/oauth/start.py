"""GET /omniauth/cognigy: begin a login and send the browser to the provider.

RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core section 3.1.2.1. No statement: what must be
remembered travels in a cookie of this browser.
"""

from starlette.requests import Request
from starlette.responses import Response

from kernel.log import get_logger
from kernel.opaque import reference_of
from kernel.problems import ProblemError
from kernel.web.addresses import safe_return_url
from kernel.web.forms import read_query
from kernel.web.site import reference_of_request, see_other
from live_agent import funnel
from live_agent.guards import find_session
from live_agent.oauth import flows
from live_agent.oauth.addresses import login_page_address
from live_agent.oauth.failed import refuse_login
from live_agent.oauth.rules import authorization_request
from live_agent.oauth.rules.authorization_request import PROMPTS, Client
from live_agent.pages import dashboard_address
from live_agent.settings import Settings
from live_agent.state import state_of

log = get_logger(__name__)


async def start_login(request: Request) -> Response:
    """The route. A foreign page may only lead to our login page, where the person decides."""
    found = read_query(request)
    target, prompt = safe_return_url(found.get("return_to")), found.get("prompt", "")
    if request.headers.get("sec-fetch-site") == "cross-site":
        return see_other(login_page_address(target))
    session = None if prompt in PROMPTS else await find_session(request)
    if session is not None:
        return see_other(target or dashboard_address(session.account_id))
    return await send_to_provider(request, target, prompt=prompt)


async def send_to_provider(
    request: Request, target: str | None, *, prompt: str = "", retry: bool = False
) -> Response:
    """A new flow, and the browser on its way; `retry` for the one automatic restart."""
    state = state_of(request)
    now = state.clock.now()
    funnel.passed(state.metrics, "start")
    flow = flows.new_flow(target, state.settings.issuer, now, retry=retry)
    request.state.reference = reference_of(flow.state)
    asked = authorization_request.parameters(client_of(state.settings), flow, prompt)
    try:
        endpoint = await state.provider.authorize_url()
    except ProblemError as error:
        return refuse_login(request, error, target, now)
    response = see_other(authorization_request.authorization_url(endpoint, asked))
    flows.keep_flow(request, response, flow)
    funnel.passed(state.metrics, "redirect")
    log.info("login.started", reference=reference_of_request(request), retry=retry)
    return response


def client_of(settings: Settings) -> Client:
    """This installation as its provider knows it."""
    return Client(
        client_id=settings.cognigy_oauth_client_id,
        redirect_uri=settings.redirect_uri,
        scopes=authorization_request.scopes_to_ask(
            settings.cognigy_oauth_scopes, uses_id_token=settings.uses_id_token
        ),
        uses_id_token=settings.uses_id_token,
    )
