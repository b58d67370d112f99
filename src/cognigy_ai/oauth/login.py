"""GET and POST /login: e-mail and password.

With the parameters of an authorization request it is the authorization endpoint under the address
that Live Agent installations are configured with, and leads back to the application; without them
to the person's own pages. Nothing is stored for a login under way: the form posts to the address
it stands at, and the request is checked again. What else may be due after the password is in
`oauth.entry`.
"""

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai import funnel
from cognigy_ai.guards import PageGuard, find_session
from cognigy_ai.oauth.authorization import is_authorization
from cognigy_ai.oauth.authorize import show_authorize
from cognigy_ai.oauth.entry.visit import HOME, answer, arrival_of, read_request
from cognigy_ai.oauth.login_page import OUT_OF_DATE, LoginForm, show_login
from cognigy_ai.oauth.rules.authorization_request import organisation_id_of
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions.rules import LoginAttempt
from cognigy_ai.state import state_of
from kernel.emails import email_key
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.addresses import safe_return_url
from kernel.web.forms import FormError, read_query
from kernel.web.guards import GoElsewhere, form_of, log_refusal
from kernel.web.site import see_other

INCOMPLETE = n_("Enter your e-mail address and your password.")


class LoginGuard(PageGuard):
    """A stale form is shown anew with what was typed, and never carried out."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        if error.problem is not Problem.PAGE_OUT_OF_DATE:
            return await super().refuse(request, error)
        log_refusal(request, error)
        if await _is_logged_in_meanwhile(request):
            return see_other(f"{request.url.path}?{request.url.query}")
        now = state_of(request).clock.now()
        try:
            authorization = await read_request(request, read_query(request), now)
        except GoElsewhere as leave:
            return see_other(leave.url)
        except FormError:
            return await super().refuse(request, error)
        except ProblemError as misconfigured:
            return await super().refuse(request, misconfigured)
        form = LoginForm(authorization=authorization, notice=OUT_OF_DATE)
        return _again(request, form, error.problem.spec.status)


LOGIN_FORM = LoginGuard()


async def _is_logged_in_meanwhile(request: Request) -> bool:
    """The same person, in another tab: the address goes on by itself, no password is needed."""
    session = await find_session(request)
    typed = form_of(request).get("email", "")
    return session is not None and email_key(typed) == email_key(session.user.email)


async def show_login_or_authorize(request: Request) -> Response:
    """GET /login."""
    given = read_query(request)
    if is_authorization(given):
        return await show_authorize(request)
    session = await find_session(request)
    wanted = organisation_id_of(given)
    if session is not None and wanted in ("", session.user.organisation_id):
        return see_other(safe_return_url(given.get("return_to")) or HOME)
    return show_login(request, LoginForm(query=request.url.query))


async def post_login(request: Request) -> Response:
    """POST /login: the password; then the next step, or what the address asks for."""
    state = state_of(request)
    arrived, now = state.clock.monotonic(), state.clock.now()
    given, form = read_query(request), form_of(request)
    authorization = await read_request(request, given, now)
    if not form.get("email") or not form.get("password"):
        return _again(request, LoginForm(authorization=authorization, error=INCOMPLETE), 400)
    try:
        done = await sessions.login(state.login, _attempt(request, given, form), now, arrived)
    except ProblemError as error:
        log_refusal(request, error)
        funnel.refused(state.metrics, "password", error)
        spec = error.problem.spec
        refusal = LoginForm(
            authorization=authorization,
            error=spec.title,
            more="" if error.retry_after else spec.user_text,  # the countdown says it
            wait_seconds=error.retry_after or 0,
        )
        return _again(request, refusal, spec.status)
    funnel.passed(state.metrics, "password")
    return await answer(request, given, authorization, done, now)


def _attempt(request: Request, given: Mapping[str, str], form: Mapping[str, str]) -> LoginAttempt:
    arrival = arrival_of(request)
    return LoginAttempt(
        email=form["email"],
        password=form["password"],
        organisation_id=organisation_id_of(given) or None,
        keep_signed_in="keep" in form,
        client_address=arrival.client_address,
        user_agent=arrival.user_agent,
        known_browser=arrival.known_browser,
        old_session=arrival.old_session,
        reference=arrival.reference,
    )


def _again(request: Request, form: LoginForm, status: int) -> Response:
    """The page once more, with what was typed except the password."""
    typed = form_of(request)
    form = replace(
        form,
        query=request.url.query,
        email=typed.get("email", ""),
        keep_signed_in="keep" in typed,
    )
    return show_login(request, form, status)
