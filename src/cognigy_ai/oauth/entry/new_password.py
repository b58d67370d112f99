"""GET and POST /login/new-password: the present password was proved, and has to be replaced."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.oauth.entry.visit import Visit, answer, arrival_of, open_visit, step_page
from cognigy_ai.sessions import entry as entries
from cognigy_ai.sessions.steps import EntryStep
from cognigy_ai.state import state_of
from cognigy_ai.users import passwords
from cognigy_ai.users.passwords import NewPassword
from cognigy_ai.users.policy import PasswordPolicy
from kernel.languages import n_
from kernel.web.guards import form_of
from kernel.web.site import language_of

SAME_AS_BEFORE = n_("The new password is the same as the current one.")


async def show_new_password(request: Request) -> Response:
    """Why, and the field."""
    return await _page(request, await open_visit(request, EntryStep.NEW_PASSWORD))


async def post_new_password(request: Request) -> Response:
    """The new one; every session that was begun with the old one ends."""
    state = state_of(request)
    visit = await open_visit(request, EntryStep.NEW_PASSWORD)
    new = form_of(request).get("password", "")
    policy = await passwords.policy_of(state.database, visit.place.user.organisation_id)
    fault = await _fault(request, visit, policy, new)
    if fault:
        return await _page(request, visit, fault)
    arrival = arrival_of(request)
    place = await entries.set_password(
        state.login, state.outbox, visit.place, NewPassword(new, policy), arrival, visit.now
    )
    state.courier.wake()
    done = await entries.go_on(state.login, place, arrival, visit.now)
    return await answer(request, visit.given, visit.authorization, done, visit.now)


async def _fault(request: Request, visit: Visit, policy: PasswordPolicy, new: str) -> str:
    """Why it is refused, in the reader's language; empty for a good one."""
    state, user = state_of(request), visit.place.user
    pages, language = state.site.pages, language_of(request)
    weak = passwords.judge(user, policy, new, say=lambda text: pages.text(language, text))
    if weak or not await entries.is_present_password(state.login, visit.place, new):
        return weak
    return pages.text(language, SAME_AS_BEFORE)


async def _page(request: Request, visit: Visit, fault: str = "") -> Response:
    state, language = state_of(request), language_of(request)
    policy = await passwords.policy_of(state.database, visit.place.user.organisation_id)
    return step_page(
        request,
        visit,
        "oauth/new_password.html",
        422 if fault else 200,
        error=fault,
        hint=passwords.hint(policy, lambda text: state.site.pages.text(language, text)),
    )
