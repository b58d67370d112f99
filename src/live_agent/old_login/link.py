"""GET, POST /login/link: a first login proves the old user before it takes it over.

Between Cognigy.AI and the desk (DESIGN section 3 rule 4). The proof is the old password, or a link
mailed to the old address. What is being linked is sealed and kept here, never in the browser
(lesson 21): the cookie `pending` only says which proof is meant.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from kernel.html import Action
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.throttle import answer_no_earlier_than
from kernel.web.guards import form_of, log_refusal
from kernel.web.problem_pages import problem_page
from kernel.web.site import (
    client_of,
    language_of,
    page,
    reference_of_request,
    see_other,
    site_of,
)
from live_agent.guards import PageGuard, find_session
from live_agent.migration import actions as migration
from live_agent.migration.actions import Entered, Mailing, Pending
from live_agent.pages import dashboard_address, signed_in
from live_agent.problems import Problem
from live_agent.sessions import old_password
from live_agent.sessions.old_password import Attempt
from live_agent.state import state_of

COOKIE = "pending"
LINK = "/login/link"
SPENT = "/login?notice=link_confirmation"
SIGN_IN = n_("Sign in again")
INCOMPLETE = n_("Enter the password of your old Live Agent user.")
MAILED = n_("The link is on its way.")
JUST_MAILED = n_("A link was sent a moment ago. You can ask for another one in a minute.")

MAILED_ENOUGH = n_("Too many links were sent today. Use the old password, or try again tomorrow.")

Deed = Callable[[Request, Pending, int], Awaitable[Response]]


class LinkGuard(PageGuard):
    """Every refusal leads back to the login, never to the address of a form.

    Whoever pressed the button twice is in already, or about to be: no error for them.
    """

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        log_refusal(request, error)
        if error.problem in (Problem.LINK_CONFIRMATION, Problem.PAGE_OUT_OF_DATE):
            session = await find_session(request)
            if session is not None:
                return see_other(dashboard_address(session.account_id))
        if error.problem is Problem.LINK_CONFIRMATION and await is_spent(request):
            return see_other(SPENT)
        label = site_of(request).pages.text(language_of(request), SIGN_IN)
        return problem_page(request, error, primary=Action(label, "/login"))


LINK_PAGE = LinkGuard()


async def show_link(request: Request) -> Response:
    """The page with both ways to prove it, and the way out."""
    now = state_of(request).clock.now()
    waiting = await find_pending(request, now)
    if waiting is None:
        raise ProblemError(Problem.LINK_CONFIRMATION)
    notice = MAILED if waiting.mailed_at is not None else ""
    return _show(request, waiting, notice=notice)


async def post_link(request: Request) -> Response:
    """One of the three forms of the page."""
    now = state_of(request).clock.now()
    waiting = await find_pending(request, now)
    if waiting is None:
        raise ProblemError(Problem.LINK_CONFIRMATION)
    deed = DEEDS.get(form_of(request).get("deed", ""))
    if deed is None:
        return _show(request, waiting)
    return await deed(request, waiting, now)


async def find_pending(request: Request, now: int) -> Pending | None:
    """The open proof of this browser; its login's reference becomes the request's."""
    secret = site_of(request).cookies.get(request, COOKIE)
    waiting = await migration.find_pending(state_of(request), secret, now)
    if waiting is not None:
        request.state.reference = waiting.reference
    return waiting


async def is_spent(request: Request) -> bool:
    """Is the proof that this browser's cookie means over?"""
    secret = site_of(request).cookies.get(request, COOKIE)
    return await migration.is_spent(state_of(request), secret)


def entered(request: Request, waiting: Pending, outcome: Entered) -> Response:
    """The proof is done: to the page that the login was for."""
    target = waiting.target or dashboard_address(outcome.account_id)
    response = signed_in(request, outcome.session_secret, target)
    site_of(request).cookies.delete(response, COOKIE)
    return response


async def _prove_by_password(request: Request, waiting: Pending, now: int) -> Response:
    state, form = state_of(request), form_of(request)
    arrived = state.clock.monotonic()
    if not form.get("password"):
        return _show(request, waiting, 400, error=INCOMPLETE)
    cookies = site_of(request).cookies
    attempt = Attempt(
        email=waiting.old_email,
        password=form["password"],
        client_address=client_of(request),
        known_browser=cookies.get(request, "known"),
        user_agent=request.headers.get("user-agent", ""),
        reference=reference_of_request(request),
    )
    identity = (waiting.login.issuer, waiting.login.subject)
    try:
        proof = await old_password.prove(state, attempt, identity, waiting.user_id, now, arrived)
        outcome = await migration.complete_by_password(
            state, waiting, proof, user_agent=attempt.user_agent, now=now
        )
    except ProblemError as error:
        if error.problem not in (Problem.PASSWORD_REFUSED, Problem.TOO_MANY_ATTEMPTS):
            raise
        log_refusal(request, error)
        wait = state.settings.password_refusal_milliseconds
        await answer_no_earlier_than(state.clock, arrived, wait)
        return _refused(request, waiting, error)
    return entered(request, waiting, outcome)


async def _mail_link(request: Request, waiting: Pending, now: int) -> Response:
    if not state_of(request).settings.sends_mail:
        return _show(request, waiting)
    outcome = await migration.send_link(state_of(request), waiting, language_of(request), now)
    if outcome is Mailing.SENT:
        return see_other(LINK)
    notice = JUST_MAILED if outcome is Mailing.A_MOMENT_AGO else MAILED_ENOUGH
    return _show(request, waiting, 429, notice=notice)


async def _cancel(request: Request, waiting: Pending, now: int) -> Response:
    await migration.cancel(state_of(request), waiting, now)
    state_of(request).provider.revoke_later(waiting.login.refresh_token, waiting.reference)
    response = see_other("/login")
    site_of(request).cookies.delete(response, COOKIE)
    return response


DEEDS: dict[str, Deed] = {
    "password": _prove_by_password,
    "mail": _mail_link,
    "cancel": _cancel,
}


def _refused(request: Request, waiting: Pending, error: ProblemError) -> Response:
    spec, wait = error.problem.spec, error.retry_after or 0
    if error.problem is Problem.PASSWORD_REFUSED:
        return _show(request, waiting, spec.status, error=n_("The password is wrong."))
    return _show(request, waiting, spec.status, error=spec.title, wait_seconds=wait)


def _show(
    request: Request,
    waiting: Pending,
    status: int = 200,
    *,
    error: str = "",
    notice: str = "",
    wait_seconds: int = 0,
) -> Response:
    def say(text: str) -> str:
        return site_of(request).pages.text(language_of(request), text)

    response = page(
        request,
        "old_login/link.html",
        status,
        refresh=wait_seconds or None,
        action=LINK,
        old_email=waiting.old_email,
        account=waiting.account_name,
        platform_email=waiting.login.email or waiting.login.name,
        expires_at=waiting.expires_at,
        mailed=waiting.mailed_at is not None,
        sends_mail=state_of(request).settings.sends_mail,
        error=say(error),
        notice=say(notice),
        wait_seconds=wait_seconds,
    )
    if wait_seconds:
        response.headers["retry-after"] = str(wait_seconds)
    return response
