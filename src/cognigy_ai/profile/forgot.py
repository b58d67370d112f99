"""GET, POST /password/forgot: a mail with a link, and the same answer for every address."""

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.state import state_of
from cognigy_ai.users.forgotten import MailMeans, mail_links
from kernel.emails import is_address
from kernel.languages import n_
from kernel.throttle import answer_no_earlier_than
from kernel.web.forms import read_query
from kernel.web.guards import form_of
from kernel.web.site import client_of, language_of, page, see_other

SENT = "/password/forgot/sent"
NO_ADDRESS = n_("Enter an e-mail address such as ada@example.com.")


async def show_forgot(request: Request) -> Response:
    """The form; `organisationId` in the address asks for one organisation only."""
    return _form(request, read_query(request).get("organisationId", ""))


async def post_forgot(request: Request) -> Response:
    """Mail the links. What is answered, and when, says nothing about the account."""
    state, form = state_of(request), form_of(request)
    arrived, now = state.clock.monotonic(), state.clock.now()
    email, wanted = form.get("email", ""), form.get("organisationId", "")
    if not is_address(email.strip()):
        return _form(request, wanted, email, NO_ADDRESS)
    means = MailMeans(state.database, state.keyring, state.locks, state.outbox)
    try:
        await mail_links(means, email, wanted or None, client_of(request), now)
    finally:
        wait = state.settings.password_refusal_milliseconds
        await answer_no_earlier_than(state.clock, arrived, wait)
    state.courier.wake()
    return see_other(SENT)


async def show_sent(request: Request) -> Response:
    """What happens next, if there is such an account."""
    return page(request, "profile/forgot_sent.html")


def _form(request: Request, organisation_id: str, email: str = "", fault: str = "") -> Response:
    state = state_of(request)
    return page(
        request,
        "profile/forgot.html",
        422 if fault else 200,
        email=email,
        organisation_id=organisation_id,
        error=state.site.pages.text(language_of(request), fault),
        sends_mail=state.settings.sends_mail,
    )
