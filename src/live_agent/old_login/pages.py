"""GET, POST /old-login: e-mail and password, for users who have not moved yet."""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.throttle import KNOWN_BROWSER_SECONDS
from kernel.web.addresses import safe_return_url
from kernel.web.forms import read_query
from kernel.web.guards import form_of, log_refusal, with_query
from kernel.web.site import (
    client_of,
    language_of,
    page,
    reference_of_request,
    see_other,
    site_of,
)
from live_agent.guards import PageGuard, find_session
from live_agent.moves import waves
from live_agent.pages import account_address, dashboard_address, signed_in
from live_agent.problems import Problem
from live_agent.sessions import old_password
from live_agent.sessions.old_password import Attempt, SeveralAccounts
from live_agent.state import state_of

LONGEST_EMAIL = 320
ACCOUNT_NUMBER = re.compile(r"[0-9]{1,10}")  # int() of thousands of digits is a ValueError
INCOMPLETE = n_("Enter your e-mail address and your password.")
OUT_OF_DATE = n_(
    "This page was out of date, and nothing was sent. Please sign in again. If this comes back, "
    "allow cookies for this site in your browser."
)


@dataclass(frozen=True, slots=True)
class OldLoginForm:
    """What the page says beside what was typed."""

    error: str = ""
    more: str = ""  # what can be done about it
    notice: str = ""
    wait_seconds: int = 0
    accounts: tuple[tuple[int, str], ...] = ()


class OldLoginGuard(PageGuard):
    """A stale form is shown anew with what was typed, and never carried out."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        if error.problem is not Problem.PAGE_OUT_OF_DATE:
            return await super().refuse(request, error)
        log_refusal(request, error)
        return _show(request, OldLoginForm(notice=OUT_OF_DATE), error.problem.spec.status)


OLD_LOGIN = OldLoginGuard()


async def show_old_login(request: Request) -> Response:
    """The form; whoever is signed in goes on to the desk."""
    target = safe_return_url(read_query(request).get("return_to"))
    session = await find_session(request)
    if session is not None:
        return see_other(target or dashboard_address(session.account_id))
    return _show(request, OldLoginForm())


async def post_old_login(request: Request) -> Response:
    """Check the password; a refusal says the same to everybody, at the same time."""
    state = state_of(request)
    arrived, now = state.clock.monotonic(), state.clock.now()
    form = form_of(request)
    if not form.get("email") or not form.get("password"):
        return _show(request, OldLoginForm(error=INCOMPLETE), 400)
    try:
        outcome = await old_password.log_in(state, _attempt(request, form), now, arrived)
    except ProblemError as error:
        log_refusal(request, error)
        spec = error.problem.spec
        refusal = OldLoginForm(spec.title, spec.user_text, wait_seconds=error.retry_after or 0)
        return _show(request, refusal, spec.status)
    if isinstance(outcome, SeveralAccounts):
        return _show(request, OldLoginForm(accounts=outcome.accounts))
    target = safe_return_url(form.get("return_to"))
    there = target or dashboard_address(outcome.account_id)
    standing = await waves.find_standing(state.database, outcome.user_id)
    if standing.asks_to_move:
        there = with_query(account_address(outcome.account_id, "move"), return_to=there)
    response = signed_in(request, outcome.session_secret, there)
    cookies = site_of(request).cookies
    cookies.set(response, "known", outcome.known_browser, KNOWN_BROWSER_SECONDS)
    return response


def _attempt(request: Request, form: dict[str, str]) -> Attempt:
    cookies = site_of(request).cookies
    account = form.get("account", "")
    return Attempt(
        email=form["email"][:LONGEST_EMAIL],
        password=form["password"],
        client_address=client_of(request),
        known_browser=cookies.get(request, "known"),
        user_agent=request.headers.get("user-agent", ""),
        reference=reference_of_request(request),
        account_id=int(account) if ACCOUNT_NUMBER.fullmatch(account) else None,
        old_session_secret=cookies.get(request, "session"),
    )


def _show(request: Request, form: OldLoginForm, status: int = 200) -> Response:
    """The page; what was typed is kept, except the password."""
    typed: dict[str, str] = getattr(request.state, "form", None) or read_query(request)
    return_to = safe_return_url(typed.get("return_to")) or ""

    def say(text: str) -> str:
        return site_of(request).pages.text(language_of(request), text)

    response = page(
        request,
        "old_login/old_login.html",
        status,
        refresh=form.wait_seconds or None,
        error=say(form.error),
        more=say(form.more),
        notice=say(form.notice),
        wait_seconds=form.wait_seconds,
        accounts=form.accounts,
        email=typed.get("email", "")[:LONGEST_EMAIL],
        return_to=return_to,
        login_href=with_query("/login", return_to=return_to) if return_to else "/login",
        forgot_href="/old-login/forgot",
    )
    if form.wait_seconds:
        response.headers["retry-after"] = str(form.wait_seconds)
    return response
