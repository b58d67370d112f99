"""Who may reach a route of the platform, and how a refusal is answered."""

from starlette.requests import Request

from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.rules import Session
from cognigy_ai.state import state_of
from kernel.web.guards import SAFE_METHODS, GoElsewhere, ProtocolGuard, check_page, with_query
from kernel.web.problem_pages import PageRefusals
from kernel.web.site import path_and_query

LOGIN = "/login"


class PageGuard(PageRefusals):
    """A page for anybody."""

    async def check(self, request: Request) -> None:
        await check_page(request)


class SignedInGuard(PageRefusals):
    """A page for whoever is signed in; others are sent to the login page and come back."""

    async def check(self, request: Request) -> None:
        await check_page(request)
        if await find_session(request) is not None:
            return
        if request.method not in SAFE_METHODS:
            raise GoElsewhere(LOGIN)
        raise GoElsewhere(with_query(LOGIN, return_to=path_and_query(request)))


ANYBODY = PageGuard()
SIGNED_IN = SignedInGuard()
PROTOCOL = ProtocolGuard()


async def find_session(request: Request) -> Session | None:
    """The session of this browser, read at most once a request."""
    if not hasattr(request.state, "session"):
        state = state_of(request)
        secret = state.site.cookies.get(request, "session")
        request.state.session = await sessions.find(state.database, secret, state.clock.now())
    found: Session | None = request.state.session
    return found


def session_of(request: Request) -> Session:
    """The session, behind the guard SIGNED_IN."""
    found: Session | None = request.state.session
    assert found is not None
    return found
