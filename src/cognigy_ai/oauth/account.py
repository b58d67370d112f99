"""GET and POST /login/account: go on with the account that is signed in, or with another one.

OpenID Connect Core section 3.1.2.1, `prompt=select_account`.
"""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.oauth.login_page import LOGIN
from cognigy_ai.oauth.proceed import proceed
from cognigy_ai.oauth.rules.next_step import Step
from cognigy_ai.oauth.step_pages import open_step
from cognigy_ai.state import state_of
from kernel.web.site import page


async def show_account(request: Request) -> Response:
    """The account that is signed in, and the way to another one."""
    authorization, _ticket, session = await open_step(request, state_of(request).clock.now())
    return page(
        request,
        "oauth/account.html",
        form_targets=[authorization.request.redirect_uri],
        action=f"{request.url.path}?{request.url.query}",
        application=authorization.client.name,
        user=session.user,
        other_href=f"{LOGIN}?{authorization.query_for_another_account()}",
    )


async def post_account(request: Request) -> Response:
    """This account it is."""
    state = state_of(request)
    now = state.clock.now()
    authorization, ticket, _session = await open_step(request, now)
    secret = state.site.cookies.get(request, "session")
    return await proceed(request, authorization, secret, now, ticket.done | {Step.ACCOUNT})
