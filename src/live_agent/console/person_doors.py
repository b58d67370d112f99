"""settings/agents/{user_id}/doors: every way in of one person, and closing them all."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.web.guards import form_of
from kernel.web.site import say_of, see_other
from live_agent.agents.rules import User
from live_agent.conflicts.rules import LONGEST_REASON
from live_agent.console.door_words import in_words
from live_agent.console.person_frame import get_person, person_address, person_page
from live_agent.doors import actions as doors
from live_agent.doors.actions import Closing
from live_agent.guards import check_account, check_not_emergency
from live_agent.state import state_of

PLACE = "doors"
REASON_MISSING = n_("Say why, in at most 500 characters.")


async def show_person_doors(request: Request) -> Response:
    """GET: open or closed, since when and why."""
    return await _show(request, await get_person(request))


async def post_person_doors(request: Request) -> Response:
    """POST: close them all, in one transaction."""
    state, session, form = state_of(request), check_account(request), form_of(request)
    person, reason = await get_person(request), form.get("reason", "").strip()
    if not reason or len(reason) > LONGEST_REASON:
        return await _show(request, person, 400, reason=reason, error=REASON_MISSING)
    closing = Closing(person.account_id, person.id, reason, by=session.user_id)
    async with state.database.transaction() as tx:
        await doors.close_all(tx, closing, state.clock.now())
    return see_other(person_address(session.account_id, person.id, PLACE))


async def post_let_in(request: Request) -> Response:
    """POST .../let-in: a disabled user may sign in again."""
    check_not_emergency(request)
    state, session, form = state_of(request), check_account(request), form_of(request)
    person, reason = await get_person(request), form.get("reason", "").strip()
    if not reason or len(reason) > LONGEST_REASON:
        return await _show(request, person, 400, reason=reason, error=REASON_MISSING)
    closing = Closing(person.account_id, person.id, reason, by=session.user_id)
    async with state.database.transaction() as tx:
        await doors.let_in(tx, closing, state.clock.now())
    return see_other(person_address(session.account_id, person.id, PLACE))


async def _show(
    request: Request, person: User, status: int = 200, *, reason: str = "", error: str = ""
) -> Response:
    state, session, say = state_of(request), check_account(request), say_of(request)
    states = await doors.list_of_user(state.database, person, state.clock.now())
    return person_page(
        request,
        "console/person_doors.html",
        PLACE,
        person,
        status,
        rows=[in_words(one, say) for one in states],
        number_open=sum(one.open for one in states),
        action=person_address(session.account_id, person.id, PLACE),
        may_close=person.id != session.user_id and any(one.open for one in states),
        may_let_in=await doors.may_let_in(
            state.database, person.account_id, person.id, session.user_id
        ),
        reason=reason,
        error=say(error) if error else "",
    )
