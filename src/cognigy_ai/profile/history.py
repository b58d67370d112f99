"""GET /profile/history: when somebody signed in as me, or tried to."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.profile.words import method_words
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.sessions import refusals
from cognigy_ai.sessions.rules import PastLogin, RefusedLogin
from cognigy_ai.state import state_of
from kernel.devices import device_of, device_words
from kernel.languages import Say, n_
from kernel.web.site import say_of

MOST = 50
GOES_ON = n_("Signed in")
ENDED = n_("Signed out")
REFUSED = n_("Refused")
REASONS = {
    refusals.PASSWORD_WRONG: n_("Wrong password"),
    refusals.CURRENT_PASSWORD_WRONG: n_("Wrong password, asked on a page of the profile"),
    refusals.CODE_WRONG: n_("Wrong one-time password or recovery code"),
    refusals.CODES_LOCKED: n_("Too many wrong one-time passwords"),
    refusals.LOCKED: n_("Too many attempts before"),
    refusals.OVERTAKEN: n_("The password or the account changed in the meantime"),
    refusals.USER_DISABLED: n_("The account was disabled"),
    refusals.ORGANISATION_SUSPENDED: n_("The organisation was suspended"),
    refusals.PASSWORD_MISSING: n_("There was no password yet"),
}


@dataclass(frozen=True, slots=True)
class LoginView:
    """One line of the table; `kind` is the colour of its badge."""

    at: int
    kind: str
    outcome: str
    device: str
    note: str  # how somebody signed in, or why not
    ended_at: int | None


async def show_history(request: Request) -> Response:
    """The last fifty, newest first."""
    state, session, say = state_of(request), session_of(request), say_of(request)
    now = state.clock.now()
    past, refused = await sessions.list_history(state.database, session.user.id, MOST)
    lines = [_of_login(one, now, say) for one in past] + [_of_refusal(one, say) for one in refused]
    lines.sort(key=lambda line: -line.at)
    return desk_page(request, "profile/history.html", session, lines=lines[:MOST], most=MOST)


def _of_login(one: PastLogin, now: int, say: Say) -> LoginView:
    goes_on = one.goes_on(now)
    return LoginView(
        at=one.began_at,
        kind="success" if goes_on else "neutral",
        outcome=say(GOES_ON if goes_on else ENDED),
        device=device_words(device_of(one.user_agent), say),
        note=method_words(one.amr, say),
        ended_at=None if goes_on else one.ended_at or one.expires_at,
    )


def _of_refusal(one: RefusedLogin, say: Say) -> LoginView:
    device = device_words(one.device, say)
    why = say(REASONS[one.because]) if one.because in REASONS else ""
    return LoginView(one.at, "danger", say(REFUSED), device, note=why, ended_at=None)
