"""GET, POST /profile and POST /profile/password: who I am, and my password."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import find_session, session_of
from cognigy_ai.pages import HOME, desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import ROLES
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.state import state_of
from cognigy_ai.users import actions as users
from cognigy_ai.users import passwords
from kernel.html import clock
from kernel.languages import n_
from kernel.problems import ProblemCatalogue, ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.site import YEAR, say_of, see_other

DONE = "/profile?changed=password"
PERSON_DONE = "/profile?changed=person"
WRONG_CURRENT = n_("This is not your current password.")
SAME_AS_BEFORE = n_("The new password is the same as the current one.")
LOCKED = n_("There were too many attempts. You can try again in {time}.")


async def go_home(request: Request) -> Response:
    """GET /: nothing stands there by itself."""
    session = await find_session(request)
    return see_other(HOME if session is not None else "/login")


async def show_profile(request: Request) -> Response:
    """GET /profile."""
    return await _profile(request, said=Said(changed=request.query_params.get("changed", "")))


async def post_person(request: Request) -> Response:
    """POST /profile: my name and my language, which is the pages' language from now on."""
    state, user, form = state_of(request), session_of(request).user, form_of(request)
    name, locale = form.get("name", ""), form.get("locale", "")
    now = state.clock.now()
    try:
        async with state.database.transaction() as tx:
            await users.change(tx, user.id, name=name, locale=locale, now=now)
    except ProblemError as error:
        if error.problem is not Problem.NAME_INVALID:
            raise
        log_refusal(request, error)
        said = Said(name=name, locale=locale, name_error=error.problem.spec.title)
        return await _profile(request, 422, said)
    response = see_other(PERSON_DONE)
    state.site.cookies.set(response, "language", locale, YEAR)
    return response


async def post_password(request: Request) -> Response:
    """POST /profile/password: the current one is asked, other sessions end."""
    state, session, form = state_of(request), session_of(request), form_of(request)
    now = state.clock.now()
    current, new = form.get("current_password", ""), form.get("new_password", "")
    user = session.user
    policy = await passwords.policy_of(state.database, user.organisation_id)
    if new == current:
        return await _profile(request, 422, Said(new_error=say_of(request)(SAME_AS_BEFORE)))
    fault = passwords.judge(user, policy, new, say_of(request))
    if fault:
        return await _profile(request, 422, Said(new_error=fault))
    try:
        judged = passwords.NewPassword(new, policy)
        await sessions.change_password(state.login, state.outbox, session, current, judged, now)
    except ProblemError as error:
        log_refusal(request, error)
        return await _refused(request, error.problem, error.retry_after or 0)
    state.courier.wake()
    return see_other(DONE)


async def _refused(request: Request, problem: ProblemCatalogue, wait: int) -> Response:
    """The page once more; a lock is told in words, since the rest of the page is of use."""
    if problem is Problem.TOO_MANY_ATTEMPTS:
        said = say_of(request)(LOCKED).replace("{time}", clock(wait))
        response = await _profile(request, 429, Said(banner=said))
        response.headers["retry-after"] = str(wait)
        return response
    if problem is Problem.POLICY_CHANGED:
        return await _profile(request, 409, Said(new_error=say_of(request)(problem.spec.title)))
    return await _profile(request, 422, Said(current_error=WRONG_CURRENT))


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says beside the facts; `name` and `locale` as they were typed, if they were."""

    changed: str = ""  # "password" or "person"
    banner: str = ""
    current_error: str = ""
    new_error: str = ""
    name_error: str = ""
    name: str | None = None
    locale: str | None = None


NOTHING = Said()


async def _profile(request: Request, status: int = 200, said: Said = NOTHING) -> Response:
    state, session, say = state_of(request), session_of(request), say_of(request)
    others = await sessions.count_of_user(state.database, session.user.id, state.clock.now()) - 1
    policy = await passwords.policy_of(state.database, session.user.organisation_id)
    return desk_page(
        request,
        "profile/profile.html",
        session,
        status,
        auth_time=session.auth_time,
        user=session.user,
        other_sessions=max(0, others),
        role_texts={role: say(text) for role, text in ROLES.items()},
        name=session.user.name if said.name is None else said.name,
        locale=session.user.locale if said.locale is None else said.locale,
        changed=said.changed,
        banner=said.banner,
        name_error=say(said.name_error),
        current_error=say(said.current_error),
        new_error=said.new_error,
        password_hint=passwords.hint(policy, say),
    )
