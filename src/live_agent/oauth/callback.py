"""GET /omniauth/cognigy/callback: the browser comes back; log the person in.

RFC 6749 section 4.1.2, RFC 9207 section 2.4, OpenID Connect Core sections 3.1.2.7 and 3.1.3. The
answer is always a redirect: no code and no state stays in the address bar.
"""

from starlette.requests import Request
from starlette.responses import Response

from kernel.db import DatabaseUnavailable
from kernel.log import get_logger
from kernel.opaque import reference_of
from kernel.problems import ProblemError
from kernel.web.forms import FormError, read_query
from kernel.web.site import reference_of_request, see_other, site_of
from live_agent import funnel
from live_agent.audit import actions as audit
from live_agent.guards import find_session
from live_agent.migration import actions as migration
from live_agent.migration.actions import LinkNeeded, PlatformLogin
from live_agent.oauth import actions, flows, identity
from live_agent.oauth.addresses import login_page_address
from live_agent.oauth.failed import refuse_login
from live_agent.oauth.refusals import refuse_if
from live_agent.oauth.rules import authorization_response, retry
from live_agent.oauth.rules import flow as flow_rules
from live_agent.oauth.rules.authorization_response import AuthorizationResponse
from live_agent.oauth.rules.flow import Flow
from live_agent.oauth.rules.retry import WayOn
from live_agent.oauth.start import send_to_provider
from live_agent.pages import dashboard_address
from live_agent.problems import Problem
from live_agent.state import state_of

log = get_logger(__name__)


async def callback(request: Request) -> Response:
    """The route: a flow of this browser goes on, anything else finds its way back."""
    now = state_of(request).clock.now()
    try:
        answer = authorization_response.parse(read_query(request))
    except FormError:
        return refuse_login(request, ProblemError(Problem.REQUEST_UNREADABLE), None, now)
    if answer.state:
        request.state.reference = reference_of(answer.state)
    flow = flows.find_flow(request, answer.state)
    target = flow.target if flow else None
    try:
        if flow is None or not _is_usable(request, flow, now):
            return await _go_on_otherwise(request, answer.state, target, now)
        response = await _finish(request, answer, flow, now)
    except ProblemError as error:
        response = refuse_login(request, error, target, now)
    except DatabaseUnavailable as error:
        busy = ProblemError(Problem.SERVER_BUSY, cause=repr(error))
        response = refuse_login(request, busy, target, now)
    flows.forget_flow(request, response, answer.state)
    return response


def _is_usable(request: Request, flow: Flow, now: int) -> bool:
    """In time, and begun with the provider that is configured now (RFC 9700 section 4.4.2)."""
    return not flow_rules.is_expired(flow, now) and flow.issuer == state_of(request).settings.issuer


async def _go_on_otherwise(request: Request, state: str, target: str | None, now: int) -> Response:
    """The back button, a second click, an old tab, cookies lost: no error if it can be helped."""
    funnel.began_again(state_of(request).metrics)
    session = await find_session(request)
    retries = flows.pending_retries(request, now)
    cross_site = request.headers.get("sec-fetch-site") == "cross-site"
    way = retry.way_on(
        state,
        has_session=session is not None,
        pending_retries=retries,
        may_be_foreign=cross_site and not flows.has_begun(request, now),
    )
    match way:
        case WayOn.ASK:
            log.info("login.not_begun_here", reference=reference_of_request(request))
            return see_other(login_page_address(target, Problem.LOGIN_EXPIRED.code))
        case WayOn.RESTART:
            log.info("login.restarted", reference=reference_of_request(request))
            return await send_to_provider(request, target, retry=True)
        case WayOn.GIVE_UP:
            raise ProblemError(Problem.LOGIN_EXPIRED, step="callback")
        case WayOn.STAY:
            assert session is not None
            return see_other(target or dashboard_address(session.account_id))


async def _finish(
    request: Request, answer: AuthorizationResponse, flow: Flow, now: int
) -> Response:
    """In the order in which each step may believe the one before."""
    state = state_of(request)
    sends_iss = await state.provider.sends_iss()
    refuse_if(
        authorization_response.refusal(answer, flow.issuer, iss_required=sends_iss), "callback"
    )
    if not await actions.claim_state(state.database, flow):
        return await _go_on_otherwise(request, flow.state, flow.target, now)
    funnel.passed(state.metrics, "callback")
    try:
        login = await identity.identify(request, answer.code, flow, now)
    except ProblemError as error:
        if retry.was_overtaken(error.problem, error.fault, retried=flow.is_retry):
            return await _begin_again(request, flow, error)
        await _record_refusal(request, error, now)
        raise
    funnel.passed(state.metrics, "token", "user")
    try:
        return await _enter(request, login, flow, now)
    except ProblemError as error:
        state.provider.revoke_later(login.refresh_token, reference_of_request(request))
        if not retry.was_overtaken(error.problem, error.fault, retried=flow.is_retry):
            raise
        return await _begin_again(request, flow, error)


async def _begin_again(request: Request, flow: Flow, error: ProblemError) -> Response:
    """The next code and the next ID token know of the change."""
    log.info(
        "login.restarted",
        reference=reference_of_request(request),
        problem=error.problem.code,
        fault=error.fault.code if error.fault else None,
        detail=error.context.get("detail", ""),
    )
    return await send_to_provider(request, flow.target, retry=True)


async def _record_refusal(request: Request, error: ProblemError, now: int) -> None:
    """In the audit trail too. The log has it in any case: the fault matters more than the trail."""
    try:
        await audit.record(
            state_of(request).database,
            "login.refused",
            now,
            reference=reference_of_request(request),
            problem=error.problem.code,
            fault=error.fault.code if error.fault else None,
        )
    except DatabaseUnavailable as outage:
        log.warning(
            "audit.unavailable", reference=reference_of_request(request), cause=repr(outage)
        )


async def _enter(request: Request, login: PlatformLogin, flow: Flow, now: int) -> Response:
    """A session, or the page on which an old account is proved first."""
    cookies = site_of(request).cookies
    entered = await migration.enter(
        state_of(request),
        login,
        reference=reference_of_request(request),
        target=flow.target,
        user_agent=request.headers.get("user-agent", ""),
        old_session_secret=cookies.get(request, "session"),
        now=now,
    )
    metrics = state_of(request).metrics
    if isinstance(entered, LinkNeeded):
        funnel.waits(metrics, login.organisation)
        response = see_other("/login/link")
        cookies.set(response, "pending", entered.pending_secret, migration.PENDING_SECONDS)
        cookies.delete(response, "session")
        return response
    funnel.entered(metrics, login.organisation, now - flow.issued_at)
    response = see_other(flow.target or dashboard_address(entered.account_id))
    lifetime = state_of(request).settings.auth_token_lifespan
    cookies.set(response, "session", entered.session_secret, lifetime)
    return response
