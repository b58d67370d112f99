"""Settings → Differences: where Cognigy.AI says other things of people than stand here."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import Say, n_
from kernel.problems import ProblemError
from kernel.web.forms import read_query
from kernel.web.guards import form_of, with_query
from kernel.web.site import reference_of_request, say_of, see_other
from live_agent.accounts import actions as accounts
from live_agent.accounts.rules import Account
from live_agent.agents.rules import ROLE_NAMES
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.drift import actions as drift
from live_agent.drift.rules import Difference, Kind, Line
from live_agent.guards import session_of
from live_agent.problems import Problem
from live_agent.state import state_of

TAB = "differences"
CHOSEN = "user."  # names of the boxes
MOST_SHOWN = 500
DONE = n_("Taken over for {number} people.")
NOT_DONE = n_(
    "Left as they are: {number}, who had changed meanwhile, are the last administrator, "
    "or could not be taken over just now."
)


@dataclass(frozen=True, slots=True)
class LineView:
    """One difference in the reader's words."""

    text: str
    here: str
    there: str
    effect: str


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """One person's."""

    id: str
    name: str
    email: str
    href: str
    can_be_settled: bool
    lines: list[LineView]


async def show_differences(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/differences: as of the last reading; nobody waits for one."""
    state, account = state_of(request), await _account(request)
    now = state.clock.now()
    found = await drift.report(state.database, account, state.settings.issuer, now)
    if account.organisation_id is not None and found.reading.read_at is None:
        state.readings.read_later(account)
    say = say_of(request)
    shown = found.differences[:MOST_SHOWN]
    return settings_page(
        request,
        "console/differences.html",
        TAB,
        account=account,
        reading=found.reading,
        failure=say(found.reading.failure.value) if found.reading.failure else "",
        rows=[_view(one, account.id, say) for one in shown],
        total=len(found.differences),
        settleable=len(found.settleable),
        address=settings_address(account.id, TAB),
        done=_done(request),
    )


async def post_differences(request: Request) -> Response:
    """POST: ask the platform again, or take over what it says of the chosen people, or of all."""
    state, account, form = state_of(request), await _account(request), form_of(request)
    here, deed = settings_address(account.id, TAB), form.get("deed")
    if deed == "ask":
        state.readings.read_later(account)
        return see_other(here)
    if deed not in ("chosen", "all"):
        raise ProblemError(Problem.REQUEST_UNREADABLE)
    chosen = [name.removeprefix(CHOSEN) for name in form if name.startswith(CHOSEN)]
    settled = await drift.settle(
        state,
        account,
        None if deed == "all" else chosen,
        reference_of_request(request),
        state.clock.now(),
    )
    state.readings.read_later(account)
    return see_other(with_query(here, done=str(settled.done), overtaken=str(settled.overtaken)))


async def _account(request: Request) -> Account:
    account = await accounts.find(state_of(request).database, session_of(request).account_id)
    assert account is not None  # the session is of it
    return account


def _view(one: Difference, account_id: int, say: Say) -> DifferenceView:
    return DifferenceView(
        id=one.id,
        name=one.name,
        email=one.email,
        href=settings_address(account_id, f"agents/{one.id}") if one.id else "",
        can_be_settled=one.can_be_settled,
        lines=[_line(line, say) for line in one.lines],
    )


def _line(line: Line, say: Say) -> LineView:
    spec = line.kind.spec
    of_roles = line.kind in (Kind.ROLES, Kind.NO_ROLE, Kind.NEVER_CAME)
    here, there = (_roles(text, say) if of_roles else text for text in (line.here, line.there))
    return LineView(say(spec.text), here, there, say(spec.effect) if spec.effect else "")


def _roles(text: str, say: Say) -> str:
    return ", ".join(say(ROLE_NAMES[role]) for role in text.split())


def _done(request: Request) -> str:
    """What the last form did, said once on the page that follows."""
    query = read_query(request)
    done, overtaken = query.get("done", ""), query.get("overtaken", "")
    if not (done.isascii() and done.isdecimal() and len(done) <= 6):  # noqa: PLR2004
        return ""
    say = say_of(request)
    text = say(DONE).replace("{number}", done)
    if overtaken not in ("", "0") and overtaken.isascii() and overtaken.isdecimal():
        text += " " + say(NOT_DONE).replace("{number}", overtaken)
    return text
