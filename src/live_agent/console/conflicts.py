"""Settings → Conflicts: identities that came and stand against somebody."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.web.site import say_of
from live_agent.conflicts import actions as conflicts
from live_agent.conflicts.rules import Case, Conflict, Decision
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import check_account
from live_agent.state import state_of

KINDS = {
    Conflict.AMBIGUOUS: n_("Several old users have the address"),
    Conflict.OTHER_SUBJECT: n_("The address belongs to another Cognigy.AI user"),
    Conflict.ADDRESS_HELD: n_("A colleague holds the new address"),
    Conflict.PUT_BACK: n_("The wrong person had moved, and was put back"),
    Conflict.LINKING_OFF: n_("Old users do not move at the moment"),
}
STATES = {
    "open": (n_("open"), "warning"),
    "waiting": (n_("waits for approval"), "warning"),
    "in_force": (n_("decided"), "success"),
    "used": (n_("done"), "success"),
    "expired": (n_("open again"), "warning"),
    "settled": (n_("settled"), "neutral"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    case: Case
    href: str
    kind: str
    state: str
    colour: str


async def show_conflicts(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/conflicts."""
    state, session, say = state_of(request), check_account(request), say_of(request)
    now = state.clock.now()
    found = await conflicts.list_of_account(state.database, session.account_id, now)
    return settings_page(
        request,
        "console/conflicts.html",
        "conflicts",
        rows=[_row(case, decision, now, say) for case, decision in found],
    )


def conflict_address(account_id: int, conflict_id: str) -> str:
    return settings_address(account_id, f"conflicts/{conflict_id}")


def state_word(case: Case, decision: Decision | None, now: int) -> str:
    """A key of STATES."""
    if decision is not None and decision.is_open(now):
        return decision.state(now)
    return "open" if case.resolved_at is None else "settled"


def _row(case: Case, decision: Decision | None, now: int, say: Callable[[str], str]) -> Row:
    text, colour = STATES[state_word(case, decision, now)]
    href = conflict_address(case.account_id, case.id)
    return Row(case, href, say(KINDS[case.kind]), say(text), colour)
