"""GET and POST /auth/oauth2/authorize: the authorization endpoint.

RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2. Live Agent installations call it
/login?cognigy-live-agent=true, see `login`.
"""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai import funnel
from cognigy_ai.oauth.authorization import read_authorization
from cognigy_ai.oauth.proceed import proceed
from cognigy_ai.state import state_of
from kernel.problems import ProblemError
from kernel.web.forms import read_form, read_query
from kernel.web.problem_pages import PageRefusals
from kernel.web.site import see_other

AUTHORIZE = "/auth/oauth2/authorize"


class CrossSiteFormGuard(PageRefusals):
    """A form that other sites may post: it changes nothing and reads no cookie."""

    async def check(self, request: Request) -> None:
        """Nothing to check before the form is read."""


CROSS_SITE_FORM = CrossSiteFormGuard()


async def show_authorize(request: Request) -> Response:
    """Answer an authorization request."""
    state = state_of(request)
    now = state.clock.now()
    try:
        authorization = await read_authorization(request, read_query(request), now)
    except ProblemError as error:
        funnel.refused(state.metrics, "authorize", error)
        raise
    funnel.passed(state.metrics, "authorize", authorization.client.client_id)
    secret = state.site.cookies.get(request, "session")
    return await proceed(request, authorization, secret, now)


async def post_authorize(request: Request) -> Response:
    """The same by POST (Core 3.1.2.1): sent on as GET, since Lax cookies do not come along."""
    form = await read_form(request)
    return see_other(f"{state_of(request).site.base_url}{AUTHORIZE}?{urlencode(form)}")
