"""The page of a refusal, the same anatomy for every code of both catalogues."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kernel.html import Action, ProblemView
from kernel.languages import Say, n_
from kernel.problems import FaultCatalogue, ProblemCatalogue, ProblemError, filled
from kernel.web.guards import SAFE_METHODS, log_refusal, note_failure, with_query
from kernel.web.site import (
    language_of,
    page,
    path_and_query,
    reference_of_request,
    say_of,
    site_of,
)

TRY_AGAIN = n_("Try again")
TO_START = n_("Go to the start page")
CODE = n_("Code")
REASON = n_("Reason")
CHECK = n_("What to check")
KEYS = n_("Settings")


def problem_page(
    request: Request,
    error: ProblemError,
    *,
    primary: Action | None = None,
    others: tuple[Action, ...] = (),
    command: str = "",
    remedy: str = "",
) -> Response:
    """Sentence, remedy, one way on, folds for administrators and operators, reference.

    `remedy` is a more precise one than the catalogue's, in the reader's language.
    """
    spec = error.problem.spec
    view = problem_view(request, error, primary=primary, others=others, command=command)
    view = replace(view, remedy=remedy or view.remedy)
    refresh = error.retry_after if request.method in SAFE_METHODS else None
    response = page(request, "problem.html", spec.status, refresh=refresh, problem=view)
    if error.retry_after is not None:
        response.headers["retry-after"] = str(error.retry_after)
    return response


def problem_view(
    request: Request,
    error: ProblemError,
    *,
    primary: Action | None = None,
    others: tuple[Action, ...] = (),
    command: str = "",
) -> ProblemView:
    """The values of `problem.html`, in the reader's language."""
    site, spec = site_of(request), error.problem.spec
    language = language_of(request)

    def say(text: str) -> str:
        return filled(site.pages.text(language, text), error.context)

    support = ""
    if site.support_url:
        support = with_query(site.support_url, reference=reference_of_request(request))
    return ProblemView(
        sentence=say(spec.title),
        remedy=say(spec.user_text),
        primary=primary or _way_on(request, error, say),
        at=site.clock.now(),
        others=others,
        administrators=say(spec.admin_text),
        operators=tuple(_for_operators(request, error)),
        command=command,
        help_href=f"/help/{error.problem.code}" if spec.has_help else "",
        support_href=support,
        wait_seconds=error.retry_after or 0,
    )


def fault_rows(request: Request, fault: FaultCatalogue) -> tuple[tuple[str, str], ...]:
    """The precise reason for operators: label and value, in the reader's language."""
    say, spec = say_of(request), fault.spec
    rows = ((say(REASON), fault.code), (say(CHECK), spec.hint))
    if not spec.keys:
        return rows
    return (*rows, (say(KEYS), ", ".join(map(site_of(request).key_text, spec.keys))))


def not_found(catalogue: type[ProblemCatalogue]) -> Callable[[Request, Exception], Response]:
    """An exception handler: unknown paths, and methods that a path does not have."""

    def answer(request: Request, error: Exception) -> Response:
        problem = catalogue["PAGE_NOT_FOUND"]
        status = getattr(error, "status_code", problem.spec.status)
        if not _wants_page(request):
            return JSONResponse({"error": problem.code}, status)
        response = problem_page(request, ProblemError(problem))
        response.status_code = status
        return response

    return answer


def failed(request: Request, error: Exception) -> Response:
    """Anything that escaped a route: logged with its trace, nothing of it shown."""
    catalogue: type[ProblemCatalogue] = request.app.state.problems
    problem = ProblemError(catalogue["INTERNAL_ERROR"])
    note_failure(request, error)
    if _wants_page(request):
        return problem_page(request, problem)
    body = {"error": "server_error", "error_description": problem.problem.spec.title}
    return JSONResponse(body, 500)


class PageRefusals:
    """The `refuse` of guards whose routes are pages."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        log_refusal(request, error)
        return problem_page(request, error)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _way_on(request: Request, error: ProblemError, say: Say) -> Action:
    """The page again where another attempt may succeed, else the start."""
    unknown = error.problem.code == "page_not_found"
    if unknown or error.problem.spec.status in (403, 410):
        return Action(say(TO_START), "/")
    again = path_and_query(request)
    return Action(say(TRY_AGAIN), again if request.method in SAFE_METHODS else again.split("?")[0])


def _for_operators(request: Request, error: ProblemError) -> Iterator[tuple[str, str]]:
    say, hint = say_of(request), error.problem.spec.operator_hint
    yield say(CODE), error.problem.code
    if error.fault is not None:
        yield from fault_rows(request, error.fault)
    elif hint:
        yield say(CHECK), hint
