"""GET and POST /auth/oauth2/logout: an application asks to log the person out; POST /logout.

OpenID Connect RP-Initiated Logout 1.0. A Lax cookie does not come with another site's form: the
session is found by the `sid` of the hint.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import find_session
from cognigy_ai.oauth.rules import logout as rules
from cognigy_ai.oauth.rules.logout import Hint
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import actions as sessions
from cognigy_ai.state import State, state_of
from kernel.jose import TokenError, verify
from kernel.log import get_logger
from kernel.problems import ProblemError
from kernel.web.forms import read_form, read_query
from kernel.web.guards import form_of, with_query
from kernel.web.site import page, see_other

log = get_logger(__name__)

LOGGED_OUT = "/logged-out"
SEALED_FOR = "post-logout"
QUESTION_SECONDS = 600


async def end_session(request: Request) -> Response:
    """Log out at once if the hint is this login's, else ask the person."""
    state = state_of(request)
    now = state.clock.now()
    given = await read_form(request) if request.method == "POST" else read_query(request)
    hint = await _read_hint(state, given, now)
    target = await _target(state, given, hint, now)
    session = await find_session(request)
    if rules.needs_question(hint, session.id if session is not None else None):
        if session is None:
            return see_other(target or LOGGED_OUT)
        return _ask(request, target, now)
    assert hint is not None
    response = see_other(target or LOGGED_OUT)
    await _end(state, hint.session_id, hint.subject, now)
    if session is not None:
        state.site.cookies.delete(response, "session")
    return response


async def post_logout(request: Request) -> Response:
    """The person's own wish, from a page of ours; goes on where the question said."""
    state = state_of(request)
    now = state.clock.now()
    session = await find_session(request)
    if session is not None:
        await _end(state, session.id, session.user.id, now)
    sealed = state.keyring.open_sealed(SEALED_FOR, form_of(request).get("target", ""))
    target = LOGGED_OUT
    if isinstance(sealed, dict) and now < sealed["until"]:
        target = sealed["url"]
    response = see_other(target)
    state.site.cookies.delete(response, "session")
    return response


async def show_logged_out(request: Request) -> Response:
    """GET /logged-out."""
    return page(request, "oauth/logged_out.html")


async def _read_hint(state: State, given: Mapping[str, str], now: int) -> Hint | None:
    """A hint that we signed, also an expired one; anything else is no hint."""
    token = given.get("id_token_hint")
    if token is None:
        return None
    try:
        claims = verify(token, await state.keys.verification_keys(now), typ="jwt")
    except TokenError as error:
        log.info("logout.hint_refused", fault=error.fault.name.lower())
        return None
    return rules.parse_hint(claims, state.settings.issuer)


async def _target(
    state: State, given: Mapping[str, str], hint: Hint | None, now: int
) -> str | None:
    """Where to go afterwards, with the state that came in; None: our own page."""
    client_id = given.get("client_id")
    if hint is not None and client_id not in (None, hint.client_id):
        raise ProblemError(Problem.LOGOUT_REQUEST_REFUSED, client_id=hint.client_id)
    if hint is None and "id_token_hint" in given:
        return None  # a forged hint leads nowhere
    known_as = hint.client_id if hint is not None else client_id
    client = await state.clients.find(known_as, now) if known_as else None
    target = rules.return_target(client, given.get("post_logout_redirect_uri"))
    if target is None or "state" not in given:
        return target
    return with_query(target, state=given["state"])


def _ask(request: Request, target: str | None, now: int) -> Response:
    keyring = state_of(request).keyring
    until = now + QUESTION_SECONDS
    sealed = keyring.seal(SEALED_FOR, {"url": target, "until": until}) if target else ""
    targets = [target] if target else []
    return page(request, "oauth/logout.html", form_targets=targets, target=sealed)


async def _end(state: State, session_id: str, user_id: str, now: int) -> None:
    async with state.database.transaction() as tx:
        await sessions.end(tx, session_id, now, sessions.LOGOUT)
    log.info("logout.done", user_id=user_id, session_id=session_id)
