"""What the pages between login and code have in common: the ticket, and whose it is."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import PageGuard, find_session
from cognigy_ai.oauth.authorization import Authorization, read_authorization
from cognigy_ai.oauth.authorize import AUTHORIZE
from cognigy_ai.oauth.ticket import Ticket, open_ticket
from cognigy_ai.problems import Problem
from cognigy_ai.sessions.rules import Session
from cognigy_ai.state import state_of
from kernel.problems import ProblemError
from kernel.web.forms import read_query
from kernel.web.guards import GoElsewhere, with_query
from kernel.web.site import see_other


class StepGuard(PageGuard):
    """A stale form is shown anew, to be sent by the person once more."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        if error.problem is Problem.PAGE_OUT_OF_DATE and request.method == "POST":
            return see_other(f"{request.url.path}?{request.url.query}")
        return await super().refuse(request, error)


STEP = StepGuard()


async def open_step(request: Request, now: int) -> tuple[Authorization, Ticket, Session]:
    """The request under way, its ticket and its session.

    A ticket that is too old, or of a session that is not this browser's any more, starts the
    request again from its beginning.
    """
    text = read_query(request).get("ticket", "")
    ticket = open_ticket(state_of(request).keyring, text, now)
    if ticket is None:
        raise ProblemError(Problem.REQUEST_UNREADABLE, fault_text="The ticket is not one of ours.")
    session = await find_session(request)
    if session is None or session.id != ticket.session_id or ticket.is_over:
        raise GoElsewhere(with_query(AUTHORIZE, **ticket.given))
    return await read_authorization(request, ticket.given, now), ticket, session
