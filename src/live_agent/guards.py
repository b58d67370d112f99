"""Who may reach a route of Live Agent, and how a refusal is answered."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kernel.html import Action
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import (
    SAFE_METHODS,
    GoElsewhere,
    ProtocolGuard,
    check_page,
    log_refusal,
    with_query,
)
from kernel.web.problem_pages import PageRefusals, problem_page
from kernel.web.site import path_and_query, say_of
from live_agent.agents.rules import Right
from live_agent.audit import actions as audit
from live_agent.break_glass.rules import METHOD as BREAK_GLASS
from live_agent.problems import ENDINGS, REMEDIES, Ending, Problem
from live_agent.sessions import actions as sessions
from live_agent.sessions import checks
from live_agent.sessions.rules import Session
from live_agent.state import State, state_of

LOGIN = "/login"
START = "/omniauth/cognigy"


class PageGuard(PageRefusals):
    """A page for anybody."""

    async def check(self, request: Request) -> None:
        audit.set_actor(audit.NOBODY)
        await check_page(request)


class SignedInGuard(PageRefusals):
    """A page for whoever has a live session; others are sent to log in and come back."""

    async def check(self, request: Request) -> None:
        audit.set_actor(audit.NOBODY)
        await check_page(request)
        if await find_session(request) is not None:
            return
        await tell_why_it_ended(request)
        if request.method not in SAFE_METHODS:
            raise GoElsewhere(LOGIN)
        raise GoElsewhere(with_query(LOGIN, return_to=path_and_query(request)))

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        if not isinstance(error.fault, Ending):
            return await super().refuse(request, error)
        log_refusal(request, error)
        safe = request.method in SAFE_METHODS
        target = {"return_to": path_and_query(request)} if safe else {}
        say = say_of(request)
        return problem_page(
            request,
            error,
            primary=Action(say(n_("Sign in again")), with_query(START, **target)),
            remedy=say(REMEDIES[error.fault]),
        )


class RightGuard(SignedInGuard):
    """A page of an account, for whoever is signed in there and has a role that gives the right."""

    def __init__(self, right: Right) -> None:
        self.right = right

    async def check(self, request: Request) -> None:
        await super().check(request)
        session = check_account(request)
        if self.right not in session.rights:
            raise ProblemError(Problem.RIGHT_MISSING, right=self.right.name.lower())


class StreamGuard(SignedInGuard):
    """A live connection, which a script holds open: it is told by the status, not by a page."""

    async def check(self, request: Request) -> None:
        await check_page(request)
        if await find_session(request) is None:
            raise ProblemError(Problem.ACCESS_ENDED)

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        log_refusal(request, error)
        return JSONResponse({"error": error.problem.code}, error.problem.spec.status)


_WITH_RIGHT = {right: RightGuard(right) for right in Right}


def may(right: Right) -> RightGuard:
    """The guard of a route below /app/accounts/{account_id} that needs the right."""
    return _WITH_RIGHT[right]


ANYBODY = PageGuard()
SIGNED_IN = SignedInGuard()
STREAM = StreamGuard()
PROTOCOL = ProtocolGuard()


async def find_session(request: Request) -> Session | None:
    """The session of this browser, read at most once a request; notes that the person is there."""
    if not hasattr(request.state, "session"):
        state = state_of(request)
        now = state.clock.now()
        secret = state.site.cookies.get(request, "session")
        session = await sessions.find(state.database, secret, now)
        if session is not None:
            session = await _still_good(state, session, secret, now)
        if session is not None:
            await sessions.note_seen(state.database, session, now)
            audit.set_actor(audit.Actor(audit.USER, session.user_id))
        request.state.session = session
    found: Session | None = request.state.session
    return found


async def _still_good(
    state: State, session: Session, secret: str | None, now: int
) -> Session | None:
    """None if it has ended; with the rights that an answer brought that was waited for."""
    if not await state.rechecks.may_go_on(session, now):
        return None
    if state.rechecks.waits(session, now):
        return await sessions.find(state.database, secret, now)
    return session


async def tell_why_it_ended(request: Request) -> None:
    """Whoever lost access reads why, with the reference id, and not a bare login page."""
    state = state_of(request)
    secret = state.site.cookies.get(request, "session")
    ended = await checks.find_ended(state.database, secret, state.clock.now())
    reason = ENDINGS.get(ended.because) if ended is not None else None
    if ended is None or reason is None:
        return
    if ended.reference:
        request.state.reference = ended.reference
    raise ProblemError(Problem.ACCESS_ENDED, reason, because=ended.because)


def session_of(request: Request) -> Session:
    """The session, behind the guard SIGNED_IN."""
    found: Session | None = request.state.session
    assert found is not None
    return found


def check_not_emergency(request: Request) -> None:
    """Nothing that opens Live Agent after an emergency session is made in one."""
    if session_of(request).method == BREAK_GLASS:
        raise ProblemError(Problem.EMERGENCY_SESSION)


def check_account(request: Request) -> Session:
    """The session, if the address is of its account; another account is not there at all."""
    session = session_of(request)
    if request.path_params["account_id"] != session.account_id:
        raise ProblemError(Problem.PAGE_NOT_FOUND, account_id=session.account_id)
    return session
