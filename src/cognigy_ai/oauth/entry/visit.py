"""What the pages of the steps have in common: the login under way, and the way on from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import PageGuard, find_session
from cognigy_ai.oauth.authorization import Authorization, is_authorization, read_authorization
from cognigy_ai.oauth.entry import cookie
from cognigy_ai.oauth.login_page import LOGIN, LoginForm, show_login
from cognigy_ai.oauth.proceed import proceed
from cognigy_ai.oauth.rules.next_step import LOGGED_IN
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import entry as entries
from cognigy_ai.sessions.entry import Place
from cognigy_ai.sessions.rules import Arrival, LoggedIn
from cognigy_ai.sessions.steps import Entry, EntryStep
from cognigy_ai.state import state_of
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.throttle import KNOWN_BROWSER_SECONDS
from kernel.web.addresses import safe_return_url
from kernel.web.forms import FormError, read_query
from kernel.web.guards import GoElsewhere, log_refusal
from kernel.web.site import (
    client_of,
    language_of,
    page,
    path_and_query,
    reference_of_request,
    see_other,
)

HOME = "/profile"
ADDRESSES = {
    EntryStep.ORGANISATION: "/login/organisation",
    EntryStep.CODE: "/login/code",
    EntryStep.SET_UP: "/login/two-step",
    EntryStep.KEEP_CODES: "/login/recovery-codes",
    EntryStep.NEW_PASSWORD: "/login/new-password",
}
SIGN_IN = n_("Sign in")
LABELS = {
    EntryStep.ORGANISATION: n_("Organisation"),
    EntryStep.CODE: n_("Code"),
    EntryStep.SET_UP: n_("Two-step login"),
    EntryStep.KEEP_CODES: n_("Recovery codes"),
    EntryStep.NEW_PASSWORD: n_("New password"),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One step of a login: the request that it answers in the end, and where it stands."""

    given: Mapping[str, str]
    authorization: Authorization | None
    place: Place
    now: int

    def address(self, step: EntryStep, suffix: str = "") -> str:
        return _address(ADDRESSES[step] + suffix, self.given)


class EntryGuard(PageGuard):
    """A stale form is shown anew; a login that is over begins again with the password."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        if error.problem is Problem.PAGE_OUT_OF_DATE and request.method == "POST":
            return see_other(path_and_query(request))
        if error.problem is Problem.SIGN_IN_OVER:
            try:
                return await _begin_again(request, error)
            except GoElsewhere as leave:
                return see_other(leave.url)
            except FormError:
                return await super().refuse(request, error)
            except ProblemError as misconfigured:
                return await super().refuse(request, misconfigured)
        return await super().refuse(request, error)


ENTRY = EntryGuard()


async def open_visit(request: Request, step: EntryStep) -> Visit:
    """The login under way, if this step is the next one; else the browser is sent to that one.

    Raises SIGN_IN_OVER.
    """
    state = state_of(request)
    now = state.clock.now()
    given = read_query(request)
    authorization = await read_request(request, given, now)
    entry = cookie.find(request, given, now)
    place = None if entry is None else await entries.find_place(state.database, entry)
    if entry is not None and place is None:
        await entries.note_over(state.login, entry, arrival_of(request), now)
    if place is None or not place.due:
        raise ProblemError(Problem.SIGN_IN_OVER)
    if place.due[0] is not step:
        raise GoElsewhere(_address(ADDRESSES[place.due[0]], given))
    return Visit(given, authorization, place, now)


async def read_request(
    request: Request, given: Mapping[str, str], now: int
) -> Authorization | None:
    """The authorization request that the address holds; None where it is the plain login."""
    return await read_authorization(request, given, now) if is_authorization(given) else None


def arrival_of(request: Request) -> Arrival:
    """The browser that asks."""
    cookies = state_of(request).site.cookies
    return Arrival(
        client_address=client_of(request),
        user_agent=request.headers.get("user-agent", ""),
        known_browser=cookies.get(request, "known"),
        old_session=cookies.get(request, "session"),
        reference=reference_of_request(request),
    )


async def answer(
    request: Request,
    given: Mapping[str, str],
    authorization: Authorization | None,
    done: LoggedIn | Entry,
    now: int,
) -> Response:
    """The next step, or the session and what was asked for."""
    if isinstance(done, Entry):
        place = await entries.find_place(state_of(request).database, done)
        if place is None or not place.due:
            raise ProblemError(Problem.SIGN_IN_OVER)
        response = see_other(_address(ADDRESSES[place.due[0]], given))
        cookie.keep(request, response, given, done, now)
        return response
    try:
        response = (
            see_other(safe_return_url(given.get("return_to")) or HOME)
            if authorization is None
            else await proceed(request, authorization, done.secret, now, LOGGED_IN)
        )
    except GoElsewhere as leave:
        # The client is told an error, but the person is signed in all the same.
        response = see_other(leave.url)
    _remember(request, response, done)
    return response


def step_page(
    request: Request, visit: Visit, template: str, status: int = 200, **values: Any
) -> Response:
    """A page of the step that is due."""
    step = visit.place.due[0]
    pages, language = state_of(request).site.pages, language_of(request)
    passed = visit.place.entry.passed
    labels = [SIGN_IN, *(LABELS[one] for one in (*passed, *visit.place.due))]
    asked = visit.authorization
    another = asked.query_for_another_account() if asked is not None else urlencode(visit.given)
    response = page(
        request,
        template,
        status,
        form_targets=[asked.request.redirect_uri] if asked is not None else (),
        action=visit.address(step),
        user=visit.place.user,
        steps=[pages.text(language, label) for label in labels],
        step_number=len(passed) + 2,
        other_href=f"{LOGIN}?{another}" if another else LOGIN,
        **values,
    )
    response.headers["cache-control"] = "no-store"
    return response


async def _begin_again(request: Request, error: ProblemError) -> Response:
    """The login page with a word of explanation, or straight on for whoever is signed in by now."""
    log_refusal(request, error)
    given = read_query(request)
    if await find_session(request) is not None:
        response = see_other(_address(LOGIN, given))
    else:
        authorization = await read_request(request, given, state_of(request).clock.now())
        spec = error.problem.spec
        form = LoginForm(
            authorization=authorization, query=request.url.query, notice=spec.user_text
        )
        response = show_login(request, form, spec.status)
    cookie.forget(request, response)
    return response


def _address(path: str, given: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(given)}" if given else path


def _remember(request: Request, response: Response, who: LoggedIn) -> None:
    """The session's cookie, new at each login, and which accounts this browser has seen."""
    cookies = state_of(request).site.cookies
    cookies.set(response, "session", who.secret, who.lifetime if who.kept else None)
    cookies.set(response, "known", who.known_browser, KNOWN_BROWSER_SECONDS)
    cookie.forget(request, response)
