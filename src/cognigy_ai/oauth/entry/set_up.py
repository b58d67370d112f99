"""/login/two-step and /login/recovery-codes: the organisation requires what the person has not yet.

The secret and the recovery codes are in the sealed cookie of the login, so that the pages can be
loaded again; neither is in an address, and both are gone with the login.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cognigy_ai.oauth.entry import cookie
from cognigy_ai.oauth.entry.visit import Visit, answer, arrival_of, open_visit, step_page
from cognigy_ai.problems import Problem
from cognigy_ai.second_factors.qr import qr_path
from cognigy_ai.second_factors.rules import grouped, provisioning_uri, recovery_text
from cognigy_ai.sessions import entry as entries
from cognigy_ai.sessions.steps import EntryStep
from cognigy_ai.state import state_of
from kernel.problems import ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.site import language_of

FILE = {"content-disposition": 'attachment; filename="recovery-codes.txt"'}


async def show_set_up(request: Request) -> Response:
    """The QR code, the secret as text, and the field for the first code."""
    return _page(request, await open_visit(request, EntryStep.SET_UP))


async def post_set_up(request: Request) -> Response:
    """The first code of the app switches two-step login on."""
    visit = await open_visit(request, EntryStep.SET_UP)
    state, typed = state_of(request), form_of(request).get("code", "")
    try:
        entry = await entries.set_up_two_step(
            state.login, state.outbox, visit.place, typed, arrival_of(request), visit.now
        )
    except ProblemError as error:
        if error.problem is not Problem.CODE_WRONG:
            raise
        log_refusal(request, error)
        return _page(request, visit, error)
    state.courier.wake()
    return await answer(request, visit.given, visit.authorization, entry, visit.now)


async def show_codes(request: Request) -> Response:
    """The codes, while the login lasts."""
    visit = await open_visit(request, EntryStep.KEEP_CODES)
    file = visit.address(EntryStep.KEEP_CODES, ".txt")
    codes = visit.place.entry.recovery_codes
    return step_page(request, visit, "oauth/recovery_codes.html", codes=codes, file_href=file)


async def show_codes_file(request: Request) -> Response:
    """The same as a file."""
    visit = await open_visit(request, EntryStep.KEEP_CODES)
    text = recovery_text(visit.place.user.email, visit.place.entry.recovery_codes)
    return PlainTextResponse(text, headers={"cache-control": "no-store", **FILE})


async def post_codes(request: Request) -> Response:
    """The person has them."""
    visit = await open_visit(request, EntryStep.KEEP_CODES)
    done = await entries.keep_codes(
        state_of(request).login, visit.place, arrival_of(request), visit.now
    )
    return await answer(request, visit.given, visit.authorization, done, visit.now)


def _page(request: Request, visit: Visit, error: ProblemError | None = None) -> Response:
    pages, language = state_of(request).site.pages, language_of(request)
    entry, user = entries.with_secret(visit.place.entry), visit.place.user
    uri = provisioning_uri(entry.secret, user.email, user.organisation_name)
    spec = None if error is None else error.problem.spec
    response = step_page(
        request,
        visit,
        "oauth/two_step.html",
        200 if spec is None else spec.status,
        qr=qr_path(uri),
        secret=grouped(entry.secret, " "),
        error="" if spec is None else pages.text(language, spec.title),
        more="" if spec is None else pages.text(language, spec.user_text),
    )
    cookie.keep(request, response, visit.given, entry, visit.now)
    return response
