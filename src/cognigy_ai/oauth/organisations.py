"""GET, POST /login/organisations: a mail with a sign-in link for each of my organisations."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.oauth.login_page import LOGIN
from cognigy_ai.state import state_of
from cognigy_ai.users.forgotten import MailMeans
from cognigy_ai.users.several import mail_organisations
from kernel.emails import is_address
from kernel.languages import n_
from kernel.throttle import answer_no_earlier_than
from kernel.web.forms import read_query
from kernel.web.guards import form_of
from kernel.web.site import client_of, language_of, page, see_other

PAGE = "/login/organisations"
SENT = f"{PAGE}/sent"
NO_ADDRESS = n_("Enter an e-mail address such as ada@example.com.")


async def show_organisations(request: Request) -> Response:
    """The form; what the address holds is for the way back to the sign-in."""
    return _form(request)


async def post_organisations(request: Request) -> Response:
    """Mail the links. What is answered, and when, says nothing about the account."""
    state, email = state_of(request), form_of(request).get("email", "")
    arrived, now = state.clock.monotonic(), state.clock.now()
    if not is_address(email.strip()):
        return _form(request, email, NO_ADDRESS)
    means = MailMeans(state.database, state.keyring, state.locks, state.outbox)
    try:
        await mail_organisations(means, email, client_of(request), now)
    finally:
        wait = state.settings.password_refusal_milliseconds
        await answer_no_earlier_than(state.clock, arrived, wait)
    state.courier.wake()
    return see_other(_with_query(request, SENT))


async def show_organisations_sent(request: Request) -> Response:
    """The same for everybody."""
    return page(request, "oauth/organisations_sent.html", login_href=_with_query(request, LOGIN))


def _form(request: Request, email: str = "", fault: str = "") -> Response:
    state = state_of(request)
    return page(
        request,
        "oauth/organisations.html",
        422 if fault else 200,
        action=_with_query(request, PAGE),
        login_href=_with_query(request, LOGIN),
        email=email,
        error=state.site.pages.text(language_of(request), fault),
        sends_mail=state.settings.sends_mail,
    )


def _with_query(request: Request, path: str) -> str:
    given = read_query(request)
    return f"{path}?{urlencode(given)}" if given else path
