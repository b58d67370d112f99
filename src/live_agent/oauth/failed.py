"""GET /login/failed/{reference}: why a login failed.

The callback leads here, so that no code and no state stays in the address bar. What is shown
travels in a cookie: nobody but the browser in which it happened can read it.
"""

import re
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kernel.html import Action, ProblemView
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.addresses import safe_return_url
from kernel.web.guards import log_refusal
from kernel.web.problem_pages import problem_view
from kernel.web.site import language_of, page, reference_of_request, see_other, site_of
from live_agent import funnel
from live_agent.oauth.addresses import start_address
from live_agent.oauth.rules.ways_on import MENDED_IN_COGNIGY_AI, Way, ways_on
from live_agent.problems import Fault, Problem
from live_agent.state import state_of

PREFIX = "failed_"
SEALED_FOR = "failed-login"
KEPT_SECONDS = 600
LONGEST_TARGET = 500  # a longer one is left out: all cookies travel in one header line
REFERENCE = re.compile(r"[A-Z2-7]{12}")

# Made of our own numbers. Every other detail may hold a name of the inner network: log only.
SHOWN_DETAILS = frozenset({Fault.CLOCK_APART})

LABELS = {
    Way.TRY_AGAIN: n_("Try again"),
    Way.OTHER_ACCOUNT: n_("Use another account"),
    Way.OLD_PASSWORD: n_("Use the old password"),
}
STEPS = {
    "start": n_("Start of the login"),
    "discovery": n_("Discovery of the provider"),
    "callback": n_("Answer of the login page"),
    "token": n_("Exchange of the code for tokens"),
    "jwks": n_("Keys of the provider"),
    "id_token": n_("Check of the ID token"),
    "userinfo": n_("Reading who logged in"),
    "claims": n_("Reading who logged in"),
    "enter": n_("Finding account and user"),
}


def refuse_login(request: Request, error: ProblemError, target: str | None, now: int) -> Response:
    """Log the refusal and lead to the page that tells it."""
    site = site_of(request)
    log_refusal(request, error)
    funnel.refused(state_of(request).metrics, error)
    reference = reference_of_request(request)
    response = see_other(f"/login/failed/{reference}")
    told = {
        "problem": error.problem.name,
        "fault": error.fault.name if error.fault else None,
        "shown": _shown(error),
        "at": now,
        "target": target if target and len(target) <= LONGEST_TARGET else None,
    }
    for older in site.cookies.named(request, PREFIX):
        site.cookies.delete(response, PREFIX + older)
    sealed = site.keyring.seal(SEALED_FOR, told)
    site.cookies.set(response, PREFIX + reference, sealed, KEPT_SECONDS)
    return response


def _shown(error: ProblemError) -> dict[str, str]:
    """What of the context the page may show: the rest is the operator's."""
    names = ["organisation", "step"]
    if error.fault in SHOWN_DETAILS:
        names.append("detail")
    return {name: str(error.context[name]) for name in names if name in error.context}


async def show_failed(request: Request) -> Response:
    """The route."""
    reference = request.path_params["reference"]
    if not REFERENCE.fullmatch(reference):
        raise ProblemError(Problem.PAGE_NOT_FOUND)
    request.state.reference = reference
    told = _told(request, reference)
    error = _error(told)
    view = _view(request, error, safe_return_url(told["target"] if told else None))
    if told:
        view = replace(view, at=told["at"])
    return page(request, "problem.html", error.problem.spec.status, problem=view)


def _told(request: Request, reference: str) -> dict[str, Any] | None:
    site = site_of(request)
    sealed = site.cookies.get(request, PREFIX + reference)
    told = site.keyring.open_sealed(SEALED_FOR, sealed) if sealed else None
    return told if isinstance(told, dict) else None


def _error(told: dict[str, Any] | None) -> ProblemError:
    """What was told, or that it cannot be told (any more)."""
    problem = Problem.__members__.get(told["problem"]) if told else None
    if told is None or problem is None:  # the second: a replica of the next version wrote it
        return ProblemError(Problem.FAILURE_UNREADABLE)
    return ProblemError(problem, Fault.__members__.get(told["fault"] or ""), **told["shown"])


def _view(request: Request, error: ProblemError, target: str | None) -> ProblemView:
    """The common error page, with the ways on of a login."""
    assert isinstance(error.problem, Problem)
    primary, *others = (_action(request, way, target) for way in ways_on(error.problem))
    command = f"live-agent explain {reference_of_request(request)}"
    view = problem_view(request, error, primary=primary, others=tuple(others), command=command)
    return replace(
        view,
        administrator_action=_administrator_action(request, error.problem),
        operators=(*_steps(request, error), *view.operators),
    )


def _action(request: Request, way: Way, target: str | None) -> Action:
    label = site_of(request).pages.text(language_of(request), LABELS[way])
    if way is Way.OLD_PASSWORD:
        return Action(label, "/old-login")
    prompt = "select_account" if way is Way.OTHER_ACCOUNT else ""
    return Action(label, start_address(target, prompt))


def _administrator_action(request: Request, problem: Problem) -> Action | None:
    """The place where the administrator mends it, if the operator has told us where that is."""
    address = state_of(request).settings.cognigy_ai_ui_base_url_with_protocol
    if address is None or problem not in MENDED_IN_COGNIGY_AI:
        return None
    label = site_of(request).pages.text(language_of(request), n_("Open Cognigy.AI"))
    return Action(label, address + MENDED_IN_COGNIGY_AI[problem])


def _steps(request: Request, error: ProblemError) -> tuple[tuple[str, str], ...]:
    """How far the login came, and what was measured."""
    pages, language = site_of(request).pages, language_of(request)
    rows = []
    step = STEPS.get(str(error.context.get("step", "")))
    if step:
        rows.append((pages.text(language, n_("Step")), pages.text(language, step)))
    if "detail" in error.context:
        rows.append((pages.text(language, n_("Measured")), str(error.context["detail"])))
    return tuple(rows)
