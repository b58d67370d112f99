"""/profile/keys: a person's own API keys. A new key is shown once, on the page after the form."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.api_keys import rules
from cognigy_ai.api_keys.rules import ApiKey, MadeKey
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page, key_page, revoke_key
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import Permission, may
from cognigy_ai.sessions import passwords, refusals
from cognigy_ai.state import state_of
from cognigy_ai.users.rules import User
from kernel.db import Tx
from kernel.html import clock
from kernel.languages import n_
from kernel.problems import ProblemError, filled
from kernel.web.guards import form_of, log_refusal
from kernel.web.site import say_of, see_other

KEYS = "/profile/keys"
FLASH = "new_key"  # the cookie that carries a new key from the form's answer to the page
FLASH_SECONDS = 120
NAME_WRONG = n_("Write a name of 1 to 200 characters.")
WRONG_PASSWORD = n_("This is not your current password.")
LOCKED = n_("There were too many attempts. You can try again in {time}.")
END_WRONG = n_("Choose a day from today on, at most a year away.")


async def show_keys(request: Request) -> Response:
    """GET /profile/keys."""
    new = _opened_flash(request)
    response = await _page(request, new=new, revoked=request.query_params.get("done") == "revoked")
    if new:
        state_of(request).site.cookies.delete(response, FLASH)
    return response


async def post_key(request: Request) -> Response:
    """POST /profile/keys: make one; the password is asked, since a key outlives the session."""
    state, session, form = state_of(request), session_of(request), form_of(request)
    now = state.clock.now()
    name = form.get("name", "")
    expires_at = rules.end_of(form.get("lifetime", ""), form.get("day", ""), now)
    if not rules.is_name(name):
        return await _page(request, 422, name_error=NAME_WRONG)
    if expires_at is None:
        return await _page(request, 422, day_error=END_WRONG)
    user = session.user
    try:
        digest = await passwords.prove(state.login, user.id, form.get("password", ""), now)
        kept = refusals.kept(state.login, [user.id], now)
        async with kept, state.database.transaction() as tx:
            made = await api_keys.create(tx, user, name, expires_at, now)
            await passwords.check_proof(tx, state.login, user.id, digest, now)
    except ProblemError as error:
        log_refusal(request, error)
        return await _refused(request, error)
    response = see_other(KEYS)
    state.site.cookies.set(response, FLASH, _sealed(request, made, now), FLASH_SECONDS)
    return response


async def _refused(request: Request, error: ProblemError) -> Response:
    """The page once more, with what was typed but the password."""
    if error.problem is Problem.API_KEYS_TOO_MANY:
        return await _page(request, 409, refusal=error)
    if error.problem is Problem.SIGN_IN_REFUSED:
        return await _page(request, 422, password_error=WRONG_PASSWORD)
    if error.problem is Problem.TOO_MANY_ATTEMPTS:
        wait = error.retry_after or 0
        said = say_of(request)(LOCKED).replace("{time}", clock(wait))
        response = await _page(request, 429, password_error=said)
        response.headers["retry-after"] = str(wait)
        return response
    raise error


async def show_key(request: Request) -> Response:
    """GET /profile/keys/{key_id}: one of them, and the button that revokes it."""
    return await key_page(request, "profile/keys_one.html", _own_key)


async def post_revoke_key(request: Request) -> Response:
    """POST /profile/keys/{key_id}/revoke: it is worth nothing from now on."""
    return await revoke_key(request, KEYS, _own_key)


async def _own_key(db: Tx, user: User, key_id: str) -> ApiKey:
    return await api_keys.get_of_owner(db, user.id, key_id)


async def _page(
    request: Request,
    status: int = 200,
    *,
    new: str = "",
    revoked: bool = False,
    refusal: ProblemError | None = None,
    **faults: str,
) -> Response:
    state, session, say = state_of(request), session_of(request), say_of(request)
    now = state.clock.now()
    form = form_of(request) if request.method == "POST" else {}
    found = await api_keys.list_of_owner(state.database, session.user.id)
    return desk_page(
        request,
        "profile/keys.html",
        session,
        status,
        rows=[(key, key.state(now)) for key in found],
        may_make=may(session.user.roles, Permission.API_KEYS_OWN),
        new=new,
        revoked=revoked,
        refusal="" if refusal is None else _words_of(request, refusal),
        name=form.get("name", ""),
        lifetime=form.get("lifetime", str(rules.DEFAULT_DAYS)),
        day=form.get("day", ""),
        first_day=rules.first_day(now).isoformat(),
        last_day=rules.last_day(now).isoformat(),
        name_error=say(faults.get("name_error", "")),
        day_error=say(faults.get("day_error", "")),
        password_error=say(faults.get("password_error", "")),
    )


def _sealed(request: Request, made: MadeKey, now: int) -> str:
    """The new key for the page after the form: for this session, for two minutes."""
    value = {
        "secret": made.secret,
        "session": session_of(request).id,
        "until": now + FLASH_SECONDS,
    }
    return state_of(request).keyring.seal(FLASH, value)


def _opened_flash(request: Request) -> str:
    state = state_of(request)
    sealed = state.site.cookies.get(request, FLASH)
    value: Any = state.keyring.open_sealed(FLASH, sealed) if sealed else None
    if not isinstance(value, dict) or value["session"] != session_of(request).id:
        return ""
    return str(value["secret"]) if state.clock.now() < value["until"] else ""


def _words_of(request: Request, error: ProblemError) -> str:
    say, spec = say_of(request), error.problem.spec
    texts = (say(spec.title), say(spec.user_text))
    return filled(". ".join(texts), error.context)
