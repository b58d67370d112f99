"""/old-login/password/{secret}, /old-login/confirm/{secret}: the links that old users get by mail.

Opening one changes nothing, since mail scanners open links too: the button spends it, and it is
judged again there. Nobody is signed in by it.
"""

from starlette.requests import Request
from starlette.responses import Response

from kernel.html import Action
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.forms import read_query
from kernel.web.guards import form_of, log_refusal
from kernel.web.problem_pages import problem_page
from kernel.web.site import page, say_of, see_other
from live_agent.agents import links, new_password
from live_agent.agents.links import OldLink
from live_agent.guards import PageGuard
from live_agent.problems import Problem
from live_agent.sessions import actions as sessions
from live_agent.state import state_of

LONGEST_SECRET = 100
DONE = "/old-login/done"
NEW_LINK = n_("Get a new link by mail")
SIGN_IN = n_("Sign in with Cognigy.AI")


class OldLinkGuard(PageGuard):
    """A link that is spent leads on to a new one, or to Cognigy.AI."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        if error.problem is not Problem.OLD_LINK_SPENT:
            return await super().refuse(request, error)
        log_refusal(request, error)
        say = say_of(request)
        onward = Action(say(NEW_LINK), "/old-login/forgot")
        others = (Action(say(SIGN_IN), "/login"),)
        return problem_page(request, error, primary=onward, others=others)


OLD_LINK = OldLinkGuard()


async def show_password_link(request: Request) -> Response:
    """The form; the link can still be used afterwards."""
    return _password_form(request, await _found(request, *links.FOR_PASSWORDS))


async def post_password_link(request: Request) -> Response:
    """Set the password, confirm the address and spend the link; all sessions of the person end."""
    state, new = state_of(request), form_of(request).get("password", "")
    found = await _found(request, *links.FOR_PASSWORDS)
    about = (found.user.email, found.user.name, found.account_name)
    fault = new_password.judge(new, about, say_of(request))
    if fault:
        return _password_form(request, found, fault)
    now = state.clock.now()
    digest = await state.passwords.digest(new)
    async with state.database.transaction() as tx:
        user = await links.redeem(tx, state.outbox, _secret(request), digest, now)
        if user is None:
            raise ProblemError(Problem.OLD_LINK_SPENT)
        await sessions.end_of_user(tx, user.id, "password_set", now)
    state.courier.wake()
    return see_other(f"{DONE}?what=password")


async def show_confirm_link(request: Request) -> Response:
    """Whose address it is, and the button."""
    return _confirm_form(request, await _found(request, links.CONFIRMATION))


async def post_confirm_link(request: Request) -> Response:
    """Spend the link: the address is theirs."""
    state = state_of(request)
    async with state.database.transaction() as tx:
        if await links.confirm(tx, _secret(request), state.clock.now()) is None:
            raise ProblemError(Problem.OLD_LINK_SPENT)
    return see_other(f"{DONE}?what=confirmed")


async def show_done(request: Request) -> Response:
    """Where the browser ends: the secret is in no address any more."""
    confirmed = read_query(request).get("what") == "confirmed"
    return page(request, "old_login/done.html", confirmed=confirmed)


async def _found(request: Request, *kinds: str) -> OldLink:
    """What the link of this address is for; nothing is spent."""
    state = state_of(request)
    found = await links.find(state.database, _secret(request), state.clock.now())
    if found is None or found.kind not in kinds:
        raise ProblemError(Problem.OLD_LINK_SPENT)
    return found


def _secret(request: Request) -> str:
    secret = str(request.path_params["secret"])
    if len(secret) > LONGEST_SECRET:
        raise ProblemError(Problem.OLD_LINK_SPENT)
    return secret


def _password_form(request: Request, found: OldLink, fault: str = "") -> Response:
    return page(
        request,
        "old_login/password_link.html",
        422 if fault else 200,
        email=found.user.email,
        account=found.account_name,
        invited=found.kind == links.INVITATION,
        action=request.url.path,
        hint=say_of(request)(new_password.HINT),
        error=fault,
    )


def _confirm_form(request: Request, found: OldLink) -> Response:
    return page(
        request,
        "old_login/confirm_address.html",
        email=found.user.email,
        name=found.user.name,
        account=found.account_name,
        action=request.url.path,
    )
