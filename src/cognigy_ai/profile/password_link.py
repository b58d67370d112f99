"""GET, POST /password/set/{secret} and /password/reset/{secret}: a link sets the password once.

Only the form's button spends the link: mail scanners and previews fetch links (DESIGN 3 rule 4).
Nobody is signed in by it, and a second step of the login is asked for as always.
"""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import PageGuard
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from cognigy_ai.users import links, passwords
from cognigy_ai.users.rules import INVITATION, PasswordLink, User
from kernel.html import Action
from kernel.languages import n_
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.problem_pages import problem_page
from kernel.web.site import language_of, page, see_other

LONGEST_SECRET = 100
DONE = "/password/done"
NEW_LINK = n_("Get a new link by mail")


class LinkGuard(PageGuard):
    """A link that is spent leads on to a new one."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        if error.problem is not Problem.PASSWORD_LINK_SPENT:
            return await super().refuse(request, error)
        log_refusal(request, error)
        onward = Action(_say(request, NEW_LINK), "/password/forgot")
        return problem_page(request, error, primary=onward)


LINK = LinkGuard()


async def show_password_link(request: Request) -> Response:
    """The form; the link can still be used afterwards."""
    return await _form(request, await _found(request))


async def post_password_link(request: Request) -> Response:
    """Set the password and spend the link; all sessions of the person end."""
    state, new = state_of(request), form_of(request).get("password", "")
    found = await _found(request)
    user = found[0]
    policy = await passwords.policy_of(state.database, user.organisation_id)
    fault = passwords.judge(user, policy, new, lambda text: _say(request, text))
    if fault:
        return await _form(request, found, fault)
    now = state.clock.now()
    digest = await state.passwords.digest(new)
    async with state.database.transaction() as tx:
        if await links.redeem(tx, state.outbox, _link(request), digest, now) is None:
            raise ProblemError(Problem.PASSWORD_LINK_SPENT)
    state.courier.wake()
    return see_other(DONE)


async def show_done(request: Request) -> Response:
    """Where the browser ends: the secret is in no address any more."""
    return page(request, "profile/password_done.html")


async def _found(request: Request) -> tuple[User, PasswordLink]:
    state = state_of(request)
    found = await links.find(state.database, _link(request), state.clock.now())
    if found is None:
        raise ProblemError(Problem.PASSWORD_LINK_SPENT)
    return found


def _link(request: Request) -> str:
    """The fingerprint by which the link is stored."""
    secret = str(request.path_params["secret"])
    if len(secret) > LONGEST_SECRET:
        raise ProblemError(Problem.PASSWORD_LINK_SPENT)
    return fingerprint(secret)


async def _form(request: Request, found: tuple[User, PasswordLink], fault: str = "") -> Response:
    user, link = found
    policy = await passwords.policy_of(state_of(request).database, user.organisation_id)
    return page(
        request,
        "profile/password_link.html",
        422 if fault else 200,
        email=user.email,
        organisation=user.organisation_name,
        invited=link.purpose == INVITATION,
        action=request.url.path,
        hint=passwords.hint(policy, lambda text: _say(request, text)),
        error=fault,
    )


def _say(request: Request, text: str) -> str:
    return state_of(request).site.pages.text(language_of(request), text)
