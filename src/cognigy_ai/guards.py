"""Who may reach a route of the platform, and how a refusal is answered."""

from starlette.requests import Request

from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import Permission
from cognigy_ai.roles.rules import may as allows
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.rules import Session
from cognigy_ai.state import state_of
from kernel.audit.actor import NOBODY, USER, Actor
from kernel.problems import ProblemError
from kernel.web.forms import FormError, read_upload
from kernel.web.guards import (
    SAFE_METHODS,
    GoElsewhere,
    ProtocolGuard,
    check_form,
    check_host,
    check_page,
    with_query,
)
from kernel.web.problem_pages import PageRefusals
from kernel.web.site import path_and_query

LOGIN = "/login"
TOO_LARGE = 413


class PageGuard(PageRefusals):
    """A page for anybody."""

    async def check(self, request: Request) -> None:
        audit.set_actor(NOBODY)
        await check_page(request)


class SignedInGuard(PageRefusals):
    """A page for whoever is signed in; others are sent to the login page and come back."""

    async def check_request(self, request: Request) -> None:
        await check_page(request)

    async def check(self, request: Request) -> None:
        audit.set_actor(NOBODY)
        await self.check_request(request)
        session = await find_session(request)
        if session is not None:
            state = state_of(request)
            await sessions.note_seen(state.database, session, state.clock.now())
            return
        if request.method not in SAFE_METHODS:
            raise GoElsewhere(LOGIN)
        raise GoElsewhere(with_query(LOGIN, return_to=path_and_query(request)))


class PermittedGuard(SignedInGuard):
    """A page for whoever is signed in and has a role that gives the permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def check(self, request: Request) -> None:
        await super().check(request)
        roles = session_of(request).user.roles
        if not allows(roles, self.permission):
            raise ProblemError(Problem.PERMISSION_MISSING, permission=self.permission.name.lower())


class UploadGuard(PermittedGuard):
    """The same for a form with a file: whoever may not send one is refused before it is read."""

    async def check_request(self, request: Request) -> None:
        check_host(request)

    async def check(self, request: Request) -> None:
        await super().check(request)
        try:
            await check_form(request, read_upload)
        except FormError as error:
            if error.status == TOO_LARGE:
                raise ProblemError(Problem.UPLOAD_TOO_LARGE) from None
            raise


_PERMITTED = {permission: PermittedGuard(permission) for permission in Permission}


def may(permission: Permission) -> PermittedGuard:
    """The guard of a route that needs the permission."""
    return _PERMITTED[permission]


def may_upload(permission: Permission) -> UploadGuard:
    """The guard of a route that takes a file (`kernel.web.forms.upload_of`)."""
    return UploadGuard(permission)


ANYBODY = PageGuard()
SIGNED_IN = SignedInGuard()
PROTOCOL = ProtocolGuard()


async def find_session(request: Request) -> Session | None:
    """The session of this browser, read at most once a request."""
    if not hasattr(request.state, "session"):
        state = state_of(request)
        secret = state.site.cookies.get(request, "session")
        request.state.session = await sessions.find(state.database, secret, state.clock.now())
        if request.state.session is not None:
            audit.set_actor(Actor(USER, request.state.session.user.id))
    found: Session | None = request.state.session
    return found


def session_of(request: Request) -> Session:
    """The session, behind the guard SIGNED_IN."""
    found: Session | None = request.state.session
    assert found is not None
    return found
