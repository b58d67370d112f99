"""GET, POST /password/set/{secret} and /password/reset/{secret}: a link sets the password once.

Nobody is signed in by it, and a second step of the login is asked for as always.
"""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import PageGuard
from cognigy_ai.problems import Problem
from cognigy_ai.profile.mailed_link import MailedLink
from cognigy_ai.state import state_of
from cognigy_ai.users import links, passwords
from cognigy_ai.users.rules import INVITATION, PasswordLink, User
from kernel.html import Action
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import form_of, log_refusal
from kernel.web.problem_pages import problem_page
from kernel.web.site import page, say_of, see_other

DONE = "/password/done"
NEW_LINK = n_("Get a new link by mail")

PASSWORD_LINK = MailedLink(links.find, Problem.PASSWORD_LINK_SPENT)


class LinkGuard(PageGuard):
    """A link that is spent leads on to a new one."""

    async def refuse(self, request: Request, error: ProblemError) -> Response:
        if error.problem is not Problem.PASSWORD_LINK_SPENT:
            return await super().refuse(request, error)
        log_refusal(request, error)
        onward = Action(say_of(request)(NEW_LINK), "/password/forgot")
        return problem_page(request, error, primary=onward)


LINK = LinkGuard()


async def show_password_link(request: Request) -> Response:
    """The form; the link can still be used afterwards."""
    return await _form(request, await PASSWORD_LINK.get(request))


async def post_password_link(request: Request) -> Response:
    """Set the password and spend the link; all sessions of the person end."""
    state, new = state_of(request), form_of(request).get("password", "")
    found = await PASSWORD_LINK.get(request)
    user = found[0]
    policy = await passwords.policy_of(state.database, user.organisation_id)
    fault = passwords.judge(user, policy, new, say_of(request))
    if fault:
        return await _form(request, found, fault)
    now = state.clock.now()
    digest = await state.passwords.digest(new)
    async with state.database.transaction() as tx:
        link = PASSWORD_LINK.fingerprint(request)
        await passwords.check_policy(tx, user.organisation_id, policy)
        if await links.redeem(tx, state.outbox, link, digest, now) is None:
            raise ProblemError(Problem.PASSWORD_LINK_SPENT)
    state.courier.wake()
    return see_other(DONE)


async def show_done(request: Request) -> Response:
    """Where the browser ends: the secret is in no address any more."""
    return page(request, "profile/password_done.html")


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
        hint=passwords.hint(policy, say_of(request)),
        error=fault,
    )
