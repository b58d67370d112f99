"""/profile/two-step/set-up and the recovery codes: an authenticator app, the first or another."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cognigy_ai.guards import session_of
from cognigy_ai.profile import two_step_cookie as cookie
from cognigy_ai.profile.two_step import (
    CODES_PAGE,
    NOTHING,
    PAGE,
    Said,
    confirmation_page,
    said_of,
    typed_of,
)
from cognigy_ai.profile.two_step_cookie import Shown
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.second_factors.qr import qr_path
from cognigy_ai.second_factors.rules import grouped, provisioning_uri, recovery_text
from cognigy_ai.sessions import own_factor
from cognigy_ai.state import state_of
from kernel.problems import ProblemError
from kernel.web.guards import GoElsewhere, form_of
from kernel.web.site import see_other

SET_UP = f"{PAGE}/set-up"
FILE = {
    "content-disposition": 'attachment; filename="recovery-codes.txt"',
    "cache-control": "no-store",
}


async def post_begin(request: Request) -> Response:
    """A new secret, which is worth nothing before a code of it was typed."""
    now = state_of(request).clock.now()
    response = see_other(SET_UP)
    cookie.keep(request, response, Shown(secret=second_factors.new_secret()), now)
    return response


async def show_set_up(request: Request) -> Response:
    """The QR code, the secret as text, and what proves that it is the person."""
    return await _page(request, _shown(request))


async def post_set_up(request: Request) -> Response:
    """It is on, or at another telephone; the recovery codes are shown next."""
    state = state_of(request)
    shown, now = _shown(request), state.clock.now()
    new = (shown.secret, form_of(request).get("code", ""))
    try:
        codes = await own_factor.set_up(
            state.login, state.outbox, session_of(request).user, new, typed_of(request), now
        )
    except ProblemError as error:
        return await _page(request, shown, said_of(request, error))
    state.courier.wake()
    response = see_other(CODES_PAGE)
    cookie.keep(request, response, Shown(codes=codes), now)
    return response


async def show_codes(request: Request) -> Response:
    """The codes, for ten minutes in this browser."""
    codes = _codes(request)
    return confirmation_page(
        request, "profile/two_step_codes.html", codes=codes, file_href=f"{CODES_PAGE}.txt"
    )


async def show_codes_file(request: Request) -> Response:
    """The same as a file."""
    text = recovery_text(session_of(request).user.email, _codes(request))
    return PlainTextResponse(text, headers=FILE)


async def post_codes(request: Request) -> Response:
    """The person has them: nobody shows them again."""
    response = see_other(f"{PAGE}?changed=on")
    cookie.forget(request, response)
    return response


def _shown(request: Request) -> Shown:
    shown = cookie.find(request, state_of(request).clock.now())
    if not shown.secret:
        raise GoElsewhere(PAGE)
    return shown


def _codes(request: Request) -> tuple[str, ...]:
    codes = cookie.find(request, state_of(request).clock.now()).codes
    if not codes:
        raise GoElsewhere(PAGE)
    return codes


async def _page(request: Request, shown: Shown, said: Said = NOTHING) -> Response:
    state, user = state_of(request), session_of(request).user
    present = await second_factors.find(state.database, user.id)
    return confirmation_page(
        request,
        "profile/two_step_set_up.html",
        said,
        qr=qr_path(provisioning_uri(shown.secret, user.email, user.organisation_name)),
        secret=grouped(shown.secret, " "),
        moves=present is not None,
    )
