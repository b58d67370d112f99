"""/admin/organisation: what the organisation is, and its products. "Set up Live Agent" is here."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import session_of
from cognigy_ai.live_agent import actions as live_agent
from cognigy_ai.live_agent import rules
from cognigy_ai.live_agent.rules import Finding, Found, SetUp, Unreached
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.organisations.rules import Organisation
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import Permission, may
from cognigy_ai.settings import Settings
from cognigy_ai.signals import actions as signals
from cognigy_ai.state import state_of
from kernel.html import Action
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import log_refusal
from kernel.web.problem_pages import fault_rows, problem_page
from kernel.web.site import reference_of_request, say_of, see_other

PAGE = "/admin/organisation"
SET_UP = "/admin/organisation/live-agent"
MOST_COUNTED = 10_000
BACK = n_("Back to the organisation")
TRY_AGAIN = n_("Try again")


async def show_organisation(request: Request) -> Response:
    """GET /admin/organisation: Live Agent is asked only where it was set up."""
    state, session = state_of(request), session_of(request)
    organisation = await organisations.get(state.database, session.user.organisation_id)
    people = await organisations.count_people(state.database, organisation.id, MOST_COUNTED + 1)
    feature_on = state.settings.feature_use_cognigy_live_agent
    set_up = rules.state_of_set_up(organisation, feature_on=feature_on)
    found: Found = None
    finding = Finding.AGREES
    if set_up is SetUp.DONE and organisation.live_agent_account is not None:
        found = await live_agent.find_account(state.live_agent, organisation)
        finding = rules.compare(organisation.live_agent_account, found)
    return desk_page(
        request,
        "admin/organisation.html",
        session,
        organisation=organisation,
        people=min(people, MOST_COUNTED),
        more_people=people > MOST_COUNTED,
        set_up=set_up.value,
        may_set_up=may(session.user.roles, Permission.ORGANISATION_WRITE),
        finding=finding.value,
        found=None if isinstance(found, Unreached) else found,
        fault=fault_rows(request, found.fault) if isinstance(found, Unreached) else (),
        account_url=_address_of_account(state.settings, organisation, finding),
        delivery=await signals.find_delivery(state.database, organisation.id),
        done=request.query_params.get("done") == "live-agent",
    )


async def post_set_up(request: Request) -> Response:
    """POST /admin/organisation/live-agent: safe to press twice and after a lost answer."""
    state, organisation_id = state_of(request), session_of(request).user.organisation_id
    try:
        await live_agent.set_up(state.live_agent, organisation_id, reference_of_request(request))
    except ProblemError as error:
        log_refusal(request, error)
        return _refused(request, error)
    return see_other(PAGE + "?done=live-agent")


async def go_to_organisation(_request: Request) -> Response:
    """GET /admin/organisation/live-agent: where a refused set-up leaves the browser."""
    return see_other(PAGE)


def _refused(request: Request, error: ProblemError) -> Response:
    say = say_of(request)
    again, back = Action(say(TRY_AGAIN), SET_UP, post=True), Action(say(BACK), PAGE)
    if error.problem is Problem.LIVE_AGENT_UNAVAILABLE:
        return problem_page(request, error, primary=again, others=(back,))
    return problem_page(request, error, primary=back)


def _address_of_account(settings: Settings, organisation: Organisation, finding: Finding) -> str:
    """The account's dashboard, where people can go; empty where nobody gets in."""
    base = settings.cognigy_live_agent_ui_base_url_with_protocol
    if not base or finding in (Finding.DIFFERS, Finding.MISSING, Finding.SUSPENDED):
        return ""
    return f"{base}/app/accounts/{organisation.live_agent_account}/dashboard"
