"""GET /profile/two-step, and what is changed there: my two-step login."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.profile import two_step_cookie as cookie
from cognigy_ai.profile.two_step_cookie import Shown
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.second_factors.rules import RECOVERY_CODES
from cognigy_ai.sessions import own_factor
from cognigy_ai.sessions.own_factor import NEW_CODE, Typed
from cognigy_ai.state import state_of
from cognigy_ai.users import logins
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import GoElsewhere, form_of, log_refusal
from kernel.web.site import say_of, see_other

PAGE = "/profile/two-step"
CODES_PAGE = f"{PAGE}/codes"
WRONG_PASSWORD = n_("This is not your current password.")
SHOWN = (
    Problem.CODE_WRONG,
    Problem.SIGN_IN_REFUSED,
    Problem.TOO_MANY_ATTEMPTS,
    Problem.TWO_STEP_REQUIRED,
)


@dataclass(frozen=True, slots=True)
class Said:
    """Why a form is shown again, in the reader's language."""

    banner: str = ""
    more: str = ""
    code_error: str = ""
    present_error: str = ""
    password_error: str = ""
    wait: int = 0
    status: int = 200


NOTHING = Said()


async def show_two_step(request: Request) -> Response:
    """Whether it is on, since when, and how many recovery codes are left."""
    state, user = state_of(request), session_of(request).user
    factor = await second_factors.find(state.database, user.id)
    standing = await logins.find_standing(state.database, user.id)
    return _page(
        request,
        "profile/two_step.html",
        since=None if factor is None else factor.created_at,
        codes_left=await second_factors.count_codes(state.database, user.id),
        codes_made=RECOVERY_CODES,
        required=standing is not None and standing.two_step_required,
        changed=request.query_params.get("changed", ""),
    )


async def show_new_codes(request: Request) -> Response:
    """What is asked before new recovery codes are made."""
    return await _confirmation(request, "profile/two_step_codes_ask.html")


async def post_new_codes(request: Request) -> Response:
    """Ten new ones, shown once."""
    state = state_of(request)
    now = state.clock.now()
    try:
        codes = await own_factor.renew_codes(
            state.login, state.outbox, session_of(request).user, typed_of(request), now
        )
    except ProblemError as error:
        said = said_of(request, error)
        return await _confirmation(request, "profile/two_step_codes_ask.html", said)
    state.courier.wake()
    response = see_other(CODES_PAGE)
    cookie.keep(request, response, Shown(codes=codes), now)
    return response


async def show_turn_off(request: Request) -> Response:
    """What is asked before."""
    return await _confirmation(request, "profile/two_step_off.html")


async def post_turn_off(request: Request) -> Response:
    """The password alone signs in again."""
    state = state_of(request)
    try:
        await own_factor.turn_off(
            state.login,
            state.outbox,
            session_of(request).user,
            typed_of(request),
            state.clock.now(),
        )
    except ProblemError as error:
        return await _confirmation(request, "profile/two_step_off.html", said_of(request, error))
    state.courier.wake()
    return see_other(f"{PAGE}?changed=off")


def typed_of(request: Request) -> Typed:
    """What proves that it is the person."""
    form = form_of(request)
    return Typed(form.get("current_password", ""), form.get("present_code", ""))


def said_of(request: Request, error: ProblemError) -> Said:
    """The refusal at the field that it is about; raises what belongs to no field."""
    if error.problem not in SHOWN:
        raise error
    log_refusal(request, error)
    say, spec = say_of(request), error.problem.spec
    if error.problem is Problem.SIGN_IN_REFUSED:
        return Said(password_error=say(WRONG_PASSWORD), status=422)
    if error.problem is not Problem.CODE_WRONG:
        more = "" if error.retry_after else say(spec.user_text)
        return Said(say(spec.title), more, wait=error.retry_after or 0, status=spec.status)
    title, more = say(spec.title), say(spec.user_text)
    if error.context.get("field") == NEW_CODE:
        return Said(more=more, code_error=title, status=422)
    return Said(more=more, present_error=title, status=422)


def confirmation_page(
    request: Request, template: str, said: Said = NOTHING, **values: Any
) -> Response:
    """A form that asks who one is."""
    response = _page(request, template, said.status, said=said, **values)
    if said.wait:
        response.headers["retry-after"] = str(said.wait)
    return response


async def _confirmation(request: Request, template: str, said: Said = NOTHING) -> Response:
    """For somebody who has a second factor; others are shown how things stand."""
    state = state_of(request)
    if await second_factors.find(state.database, session_of(request).user.id) is None:
        raise GoElsewhere(PAGE)
    return confirmation_page(request, template, said)


def _page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    session = session_of(request)
    response = desk_page(request, template, session, status, user=session.user, **values)
    response.headers["cache-control"] = "no-store"
    return response
