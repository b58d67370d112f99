"""GET, POST /password/set/{secret}: a link that sets the password once.

Only the form's button spends the link: mail scanners and previews fetch links (DESIGN 3 rule 4).
"""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.problems import Problem
from cognigy_ai.profile.weakness import weakness_text
from cognigy_ai.state import state_of
from cognigy_ai.users import actions as users
from cognigy_ai.users import links
from cognigy_ai.users.rules import User
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from kernel.web.guards import form_of
from kernel.web.site import language_of, page, see_other

LONGEST_SECRET = 100
DONE = "/password/done"


async def show_password_link(request: Request) -> Response:
    """The form; the link can still be used afterwards."""
    return _form(request, await _whose(request))


async def post_password_link(request: Request) -> Response:
    """Set the password and spend the link; all sessions of the person end."""
    state, new = state_of(request), form_of(request).get("password", "")
    user = await _whose(request)
    fault = weakness_text(new, user)
    if fault:
        return _form(request, user, fault)
    now = state.clock.now()
    digest = await state.passwords.digest(new)
    async with state.database.transaction() as tx:
        claimed = await links.claim(tx, _link(request), now)
        if claimed is None:
            raise ProblemError(Problem.PASSWORD_LINK_SPENT)
        await users.set_password(tx, claimed.id, digest, now)
    return see_other(DONE)


async def show_done(request: Request) -> Response:
    """Where the browser ends: the secret is in no address any more."""
    return page(request, "profile/password_done.html")


async def _whose(request: Request) -> User:
    state = state_of(request)
    now = state.clock.now()
    user = await links.find_owner(state.database, _link(request), now)
    if user is None:
        raise ProblemError(Problem.PASSWORD_LINK_SPENT)
    return user


def _link(request: Request) -> str:
    """The fingerprint by which the link is stored."""
    secret = str(request.path_params["secret"])
    if len(secret) > LONGEST_SECRET:
        raise ProblemError(Problem.PASSWORD_LINK_SPENT)
    return fingerprint(secret)


def _form(request: Request, user: User, fault: str = "") -> Response:
    say = state_of(request).site.pages.text(language_of(request), fault)
    return page(
        request,
        "profile/password_link.html",
        422 if fault else 200,
        email=user.email,
        organisation=user.organisation_name,
        action=request.url.path,
        error=say,
    )
