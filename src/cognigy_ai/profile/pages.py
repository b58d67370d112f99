"""GET /profile, POST /profile/password: who I am, and my password."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import find_session, session_of
from cognigy_ai.pages import HOME, desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.profile.weakness import weakness_text
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.state import state_of
from kernel.html import clock
from kernel.languages import n_
from kernel.problems import ProblemCatalogue, ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.site import language_of, see_other

DONE = "/profile?changed=password"
WRONG_CURRENT = n_("This is not your current password.")
SAME_AS_BEFORE = n_("The new password is the same as the current one.")
LOCKED = n_("There were too many attempts. You can try again in {time}.")


async def go_home(request: Request) -> Response:
    """GET /: nothing stands there by itself."""
    session = await find_session(request)
    return see_other(HOME if session is not None else "/login")


async def show_profile(request: Request) -> Response:
    """GET /profile."""
    return await _profile(request, changed=request.query_params.get("changed") == "password")


async def post_password(request: Request) -> Response:
    """POST /profile/password: the current one is asked, other sessions end."""
    state, session, form = state_of(request), session_of(request), form_of(request)
    now = state.clock.now()
    current, new = form.get("current_password", ""), form.get("new_password", "")
    fault = SAME_AS_BEFORE if new == current else weakness_text(new, session.user)
    if fault:
        return await _profile(request, 422, new_error=fault)
    try:
        await sessions.change_password(state.login, session, current, new, now)
    except ProblemError as error:
        log_refusal(request, error)
        return await _refused(request, error.problem, error.retry_after or 0)
    return see_other(DONE)


async def _refused(request: Request, problem: ProblemCatalogue, wait: int) -> Response:
    """The page once more; a lock is told in words, since the rest of the page is of use."""
    if problem is Problem.TOO_MANY_ATTEMPTS:
        said = _say(request, LOCKED).replace("{time}", clock(wait))
        response = await _profile(request, 429, banner=said)
        response.headers["retry-after"] = str(wait)
        return response
    return await _profile(request, 422, current_error=WRONG_CURRENT)


async def _profile(
    request: Request,
    status: int = 200,
    *,
    changed: bool = False,
    banner: str = "",
    current_error: str = "",
    new_error: str = "",
) -> Response:
    state, session = state_of(request), session_of(request)
    others = await sessions.count_of_user(state.database, session.user.id, state.clock.now()) - 1
    return desk_page(
        request,
        "profile/profile.html",
        session,
        status,
        auth_time=session.auth_time,
        user=session.user,
        other_sessions=max(0, others),
        changed=changed,
        banner=banner,
        current_error=_say(request, current_error),
        new_error=_say(request, new_error),
    )


def _say(request: Request, text: str) -> str:
    return state_of(request).site.pages.text(language_of(request), text)
