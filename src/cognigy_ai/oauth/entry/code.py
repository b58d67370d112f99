"""GET and POST /login/code: the one-time password of the app, or a recovery code."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai import funnel
from cognigy_ai.oauth.entry.visit import Visit, answer, arrival_of, open_visit, step_page
from cognigy_ai.problems import Problem
from cognigy_ai.second_factors.rules import DIGITS
from cognigy_ai.sessions import entry as entries
from cognigy_ai.sessions.steps import EntryStep
from cognigy_ai.state import state_of
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.site import language_of

SHOWN = (Problem.CODE_WRONG, Problem.TOO_MANY_ATTEMPTS)
INCOMPLETE = n_("Type the six digits that the app shows, or one of your recovery codes.")


@dataclass(frozen=True, slots=True)
class Said:
    """Why the page is shown again."""

    error: str = ""
    more: str = ""
    wait: int = 0
    recovery: bool = False  # the recovery codes stay unfolded


NOTHING = Said()


async def show_code(request: Request) -> Response:
    """The question."""
    return _page(request, await open_visit(request, EntryStep.CODE))


async def post_code(request: Request) -> Response:
    """The answer; each code works once, and wrong ones are counted for the person."""
    visit = await open_visit(request, EntryStep.CODE)
    form = form_of(request)
    recovery = "recovery_code" in form
    typed = form.get("recovery_code") or form.get("code") or ""
    if not typed.strip():
        return _page(request, visit, 400, Said(INCOMPLETE, recovery=recovery))
    means = state_of(request).login
    try:
        done = await entries.prove_code(means, visit.place, typed, arrival_of(request), visit.now)
    except ProblemError as error:
        if error.problem not in SHOWN:
            raise
        log_refusal(request, error)
        funnel.refused(state_of(request).metrics, "second_factor", error)
        return _refused(request, visit, error, recovery=recovery)
    funnel.passed(state_of(request).metrics, "second_factor")
    return await answer(request, visit.given, visit.authorization, done, visit.now)


def _refused(request: Request, visit: Visit, error: ProblemError, *, recovery: bool) -> Response:
    spec, wait = error.problem.spec, error.retry_after or 0
    said = Said(spec.title, "" if wait else spec.user_text, wait, recovery)  # the countdown says it
    response = _page(request, visit, spec.status, said)
    if wait:
        response.headers["retry-after"] = response.headers["refresh"] = str(wait)
    return response


def _page(request: Request, visit: Visit, status: int = 200, said: Said = NOTHING) -> Response:
    pages, language = state_of(request).site.pages, language_of(request)
    return step_page(
        request,
        visit,
        "oauth/code.html",
        status,
        digits=DIGITS,
        error=pages.text(language, said.error),
        more=pages.text(language, said.more),
        wait_seconds=said.wait,
        recovery=said.recovery,
    )
