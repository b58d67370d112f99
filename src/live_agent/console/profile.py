"""GET /app/accounts/{id}/profile: what belongs to Cognigy.AI, and what is chosen here."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.html import Action
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.forms import read_query
from kernel.web.guards import form_of, log_refusal
from kernel.web.problem_pages import problem_page
from kernel.web.site import reference_of_request, say_of, see_other
from live_agent.agents import new_password
from live_agent.api_tokens import actions as api_tokens
from live_agent.api_tokens.rules import LONGEST_NAME
from live_agent.console.sessions import done_text, own_places
from live_agent.guards import check_account
from live_agent.pages import account_address, desk_page
from live_agent.problems import Problem
from live_agent.sessions import password_change
from live_agent.sessions.password_change import Change
from live_agent.state import state_of

WRONG = n_("This is not your present password.")
DONE = {"password": n_("Your password is changed. Other browsers are signed out.")}
TO_PLATFORM = n_("Change in Cognigy.AI")


async def show_profile(request: Request) -> Response:
    """E-mail, name and password of a moved user are changed in Cognigy.AI alone."""
    return await _profile(request, {})


async def post_password(request: Request) -> Response:
    """POST .../profile/password: the present password, and the new one."""
    state, session, form = state_of(request), check_account(request), form_of(request)
    arrived, now = state.clock.monotonic(), state.clock.now()
    if session.linked:
        return refuse_elsewhere(request)
    current, new = form.get("current_password", ""), form.get("new_password", "")
    about = (session.email, session.name, session.account_name)
    fault = new_password.judge(new, about, say_of(request))
    if fault:
        return await _profile(request, {"new_password": fault})
    asked = Change(session, current, new, reference_of_request(request))
    try:
        await password_change.change(state, state.outbox, asked, now, arrived)
    except ProblemError as error:
        return await _refused(request, error)
    state.courier.wake()
    return see_other(account_address(session.account_id, "profile") + "?done=password")


def refuse_elsewhere(request: Request) -> Response:
    """What belongs to Cognigy.AI is refused with the link to where it is changed (rule 5)."""
    error = ProblemError(Problem.CREDENTIALS_ELSEWHERE, user_id=check_account(request).user_id)
    log_refusal(request, error)
    pages = state_of(request).settings.cognigy_ai_ui_base_url_with_protocol
    onward = Action(say_of(request)(TO_PLATFORM), f"{pages}/profile") if pages else None
    return problem_page(request, error, primary=onward)


async def _refused(request: Request, error: ProblemError) -> Response:
    if error.problem is Problem.CREDENTIALS_ELSEWHERE:  # moved while the page was open
        return refuse_elsewhere(request)
    if error.problem is not Problem.PASSWORD_REFUSED:
        raise error
    log_refusal(request, error)
    return await _profile(request, {"current_password": say_of(request)(WRONG)})


async def _profile(request: Request, errors: dict[str, str]) -> Response:
    session, say = check_account(request), say_of(request)
    done = DONE.get(read_query(request).get("done", ""), "")
    tokens = await api_tokens.list_of(state_of(request).database, session.user_id)
    return desk_page(
        request,
        "console/profile.html",
        422 if errors else 200,
        session=session,
        here_path=account_address(session.account_id, "profile"),
        errors={name: errors.get(name, "") for name in ("current_password", "new_password")},
        password_hint=say(new_password.HINT),
        password_action=account_address(session.account_id, "profile/password"),
        done=say(done) or done_text(request),
        places=await own_places(request, session),
        tokens=tokens,
        longest_name=LONGEST_NAME,
    )
