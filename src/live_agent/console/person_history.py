"""settings/agents/{user_id}/history: whose identity the user was and is, and the way back."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.web.guards import form_of
from kernel.web.site import reference_of_request, say_of, see_other
from live_agent.agents.rules import User
from live_agent.conflicts.rules import LONGEST_REASON
from live_agent.console.person_frame import get_person, person_address, person_page
from live_agent.guards import check_account, check_not_emergency
from live_agent.ledger import actions as ledger
from live_agent.ledger.rules import Deed, How
from live_agent.migration import way_back
from live_agent.migration.way_back import Return
from live_agent.moves import waves
from live_agent.state import state_of

PLACE = "history"
REASON_MISSING = n_("Say why, in at most 500 characters.")
DEEDS = {
    Deed.CREATED: n_("Came as somebody new"),
    Deed.MOVED: n_("Moved to Cognigy.AI"),
    Deed.RELINKED: n_("Got another Cognigy.AI identity"),
    Deed.RETIRED: n_("The identity went to another user"),
    Deed.PUT_BACK: n_("Put back to the old login"),
    Deed.CLOSED: n_("All doors were closed"),
}
HOWS = {
    How.LOGIN: n_("by signing in"),
    How.ADDRESS: n_("the address was confirmed on both sides"),
    How.PASSWORD: n_("proved by the old password"),
    How.MAIL: n_("proved by a mailed link"),
    How.DECISION: n_("an administrator decided"),
    How.ADMINISTRATOR: n_("an administrator did it"),
    How.OPERATOR: n_("the operator did it"),
    How.BEFORE: n_("before there was a history"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line, in finished words."""

    at: int
    deed: str
    how: str
    who: str
    why: str
    subject: str
    reference: str


async def show_history(request: Request) -> Response:
    """GET: the ledger, the newest first."""
    return await _show(request, await get_person(request))


async def post_history(request: Request) -> Response:
    """POST: the way back."""
    check_not_emergency(request)
    state, session, form = state_of(request), check_account(request), form_of(request)
    person, reason = await get_person(request), form.get("reason", "").strip()
    if not reason or len(reason) > LONGEST_REASON:
        return await _show(request, person, 400, reason=reason, error=REASON_MISSING)
    wanted = Return(
        person.account_id,
        person.id,
        reason,
        by=session.user_id,
        block=form.get("block") == "1",
        reference=reference_of_request(request),
    )
    now = state.clock.now()
    async with state.database.transaction() as tx:
        await way_back.put_back(tx, state.outbox, wanted, state.settings, now)
        await waves.spare(tx, person.account_id, person.id, now, by=session.user_id)
    state.courier.wake()
    return see_other(person_address(session.account_id, person.id, PLACE))


async def _show(
    request: Request, person: User, status: int = 200, *, reason: str = "", error: str = ""
) -> Response:
    state, session, say = state_of(request), check_account(request), say_of(request)
    lines = await ledger.list_of_user(state.database, person.account_id, person.id)
    until = way_back.open_until(person, state.settings)
    now = state.clock.now()
    return person_page(
        request,
        "console/person_history.html",
        PLACE,
        person,
        status,
        rows=[
            Row(
                line.at,
                say(DEEDS[line.entry.deed]),
                say(HOWS[line.entry.how]),
                line.decided_by or line.by_name or "",
                line.decided_why or line.entry.reason or "",
                line.entry.subject,
                line.entry.reference or "",
            )
            for line in lines
        ],
        action=person_address(session.account_id, person.id, PLACE),
        until=until,
        may_return=until is not None
        and until > now
        and not person.disabled
        and person.id != session.user_id,
        reason=reason,
        error=say(error) if error else "",
    )
