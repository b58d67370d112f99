"""GET, POST /old-login/forgot: a mail with a link, and the same answer for every address."""

from starlette.requests import Request
from starlette.responses import Response

from kernel.emails import is_address
from kernel.languages import n_
from kernel.throttle import answer_no_earlier_than
from kernel.web.guards import form_of
from kernel.web.site import client_of, page, say_of, see_other
from live_agent.agents.forgotten import MailMeans, mail_links
from live_agent.state import state_of

FORGOT = "/old-login/forgot"
NO_ADDRESS = n_("Enter an e-mail address such as ada@example.com.")


async def show_forgot(request: Request) -> Response:
    """The form."""
    return _form(request)


async def post_forgot(request: Request) -> Response:
    """Mail the links. What is answered, and when, says nothing about the user."""
    state = state_of(request)
    arrived, now = state.clock.monotonic(), state.clock.now()
    email = form_of(request).get("email", "").strip()
    if not is_address(email):
        return _form(request, email, NO_ADDRESS)
    means = MailMeans(state.database, state.keyring, state.locks, state.outbox)
    try:
        await mail_links(means, email, client_of(request), now)
    finally:
        wait = state.settings.password_refusal_milliseconds
        await answer_no_earlier_than(state.clock, arrived, wait)
    state.courier.wake()
    return see_other(f"{FORGOT}/sent")


async def show_sent(request: Request) -> Response:
    """What happens next, if there is such a user."""
    return page(request, "old_login/forgot_sent.html")


def _form(request: Request, email: str = "", fault: str = "") -> Response:
    return page(
        request,
        "old_login/forgot.html",
        422 if fault else 200,
        email=email,
        error=say_of(request)(fault),
        sends_mail=state_of(request).settings.sends_mail,
    )
