"""POST /admin/users/{user_id}/...: state, mails, sessions, two-step login; and the deletion."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.admin.user import address_of
from cognigy_ai.admin.users import USERS
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.state import state_of
from cognigy_ai.users import actions as users
from cognigy_ai.users import administration, links, listing
from cognigy_ai.users.mail_limits import INVITATION, RESET
from cognigy_ai.users.rules import By
from kernel.emails import email_key
from kernel.problems import ProblemError
from kernel.web.guards import form_of
from kernel.web.site import see_other


async def post_state(request: Request) -> Response:
    """POST /admin/users/{user_id}/state: disable or enable."""
    state, by, user_id = state_of(request), _by(request), request.path_params["user_id"]
    enables = form_of(request).get("deed") == "enable"
    deed = administration.enable if enables else administration.disable
    async with state.database.transaction() as tx:
        await deed(tx, by, user_id, state.clock.now())
    return see_other(address_of(user_id, "enabled" if enables else "disabled"))


async def post_mail(request: Request) -> Response:
    """POST /admin/users/{user_id}/mail: the invitation once more, or a link for a new password."""
    state, actor, user_id = (
        state_of(request),
        session_of(request).user,
        request.path_params["user_id"],
    )
    now = state.clock.now()
    async with state.database.transaction() as tx:
        user = await administration.get_to_change(tx, By.person(actor), user_id)
        if not user.may_log_in:
            raise ProblemError(Problem.USER_IS_DISABLED, user_id=user_id)
        invited = await users.find_digest(tx, user_id) is None
        if invited:
            await state.mail_limits.count(tx, INVITATION, user.organisation_id, user.email, now)
            await links.invite(tx, state.outbox, user_id, actor.name, now)
        else:
            await state.mail_limits.count(tx, RESET, user.organisation_id, user.email, now)
            await links.send_reset(tx, state.outbox, user, now)
    state.courier.wake()
    return see_other(address_of(user_id, "invitation" if invited else "reset"))


async def post_end_sessions(request: Request) -> Response:
    """POST /admin/users/{user_id}/end-sessions."""
    state, user_id = state_of(request), request.path_params["user_id"]
    async with state.database.transaction() as tx:
        await administration.end_access(tx, _by(request), user_id, state.clock.now())
    return see_other(address_of(user_id, "signed_out"))


async def post_reset_two_step(request: Request) -> Response:
    """POST /admin/users/{user_id}/reset-two-step: for somebody who lost telephone and codes."""
    state, user_id = state_of(request), request.path_params["user_id"]
    async with state.database.transaction() as tx:
        user = await administration.get_other_to_change(tx, _by(request), user_id)
        await second_factors.reset(tx, state.outbox, user, state.clock.now())
    state.courier.wake()
    return see_other(address_of(user_id, "two_step"))


async def show_delete(request: Request) -> Response:
    """GET /admin/users/{user_id}/delete: what is lost, and the address to type."""
    return await _delete_page(request, typed_wrong=False)


async def post_delete(request: Request) -> Response:
    """POST /admin/users/{user_id}/delete: only with the address typed."""
    state, user_id = state_of(request), request.path_params["user_id"]
    typed = email_key(form_of(request).get("email", ""))
    async with state.database.transaction() as tx:
        user = await administration.get_to_change(tx, _by(request), user_id)
        confirmed = typed == email_key(user.email)
        if confirmed:
            await administration.delete(tx, _by(request), user_id, state.clock.now())
    if not confirmed:
        return await _delete_page(request, typed_wrong=True)
    return see_other(f"{USERS}?done=deleted")


async def _delete_page(request: Request, *, typed_wrong: bool) -> Response:
    state, session = state_of(request), session_of(request)
    user_id, now = request.path_params["user_id"], state.clock.now()
    here = session.user.organisation_id
    user = await administration.get_user_for(state.database, here, user_id)
    administration.check_may_change(By.person(session.user), user)
    if user_id == session.user.id:
        raise ProblemError(Problem.OWN_ACCOUNT, user_id=user_id)
    return desk_page(
        request,
        "admin/user_delete.html",
        session,
        422 if typed_wrong else 200,
        person=await listing.get_person(state.database, session.user.organisation_id, user_id),
        signed_in=await sessions.count_of_user(state.database, user_id, now),
        typed_wrong=typed_wrong,
    )


def _by(request: Request) -> By:
    return By.person(session_of(request).user)
