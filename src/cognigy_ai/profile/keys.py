"""/profile/keys: a person's own API keys. A new key is shown once, on the page after the form."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.api_keys import rules
from cognigy_ai.api_keys.rules import MadeKey
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import Permission, may
from cognigy_ai.state import state_of
from kernel.languages import n_
from kernel.problems import ProblemError, filled
from kernel.web.guards import form_of, log_refusal
from kernel.web.site import language_of, see_other

KEYS = "/profile/keys"
FLASH = "new_key"  # the cookie that carries a new key from the form's answer to the page
FLASH_SECONDS = 120
NAME_WRONG = n_("Write a name of 1 to 200 characters.")
END_WRONG = n_("Choose a day from today on, at most a year away.")


async def show_keys(request: Request) -> Response:
    """GET /profile/keys."""
    new = _opened_flash(request)
    response = await _page(request, new=new, revoked=request.query_params.get("done") == "revoked")
    if new:
        state_of(request).site.cookies.delete(response, FLASH)
    return response


async def post_key(request: Request) -> Response:
    """POST /profile/keys: make one."""
    state, session, form = state_of(request), session_of(request), form_of(request)
    now = state.clock.now()
    name = form.get("name", "")
    expires_at = rules.end_of(form.get("lifetime", ""), form.get("day", ""), now)
    if not rules.is_name(name):
        return await _page(request, 422, name_error=NAME_WRONG)
    if expires_at is None:
        return await _page(request, 422, day_error=END_WRONG)
    try:
        async with state.database.transaction() as tx:
            made = await api_keys.create(tx, session.user, name, expires_at, now)
    except ProblemError as error:
        if error.problem is not Problem.API_KEYS_TOO_MANY:
            raise
        log_refusal(request, error)
        return await _page(request, 409, refusal=error)
    response = see_other(KEYS)
    state.site.cookies.set(response, FLASH, _sealed(request, made, now), FLASH_SECONDS)
    return response


async def show_key(request: Request) -> Response:
    """GET /profile/keys/{key_id}: one of them, and the button that revokes it."""
    state, session = state_of(request), session_of(request)
    key = await api_keys.get_of_owner(
        state.database, session.user.id, request.path_params["key_id"]
    )
    now_is = key.state(state.clock.now())
    return desk_page(request, "profile/keys_one.html", session, key=key, key_state=now_is)


async def post_revoke_key(request: Request) -> Response:
    """POST /profile/keys/{key_id}/revoke: it is worth nothing from now on."""
    state, session = state_of(request), session_of(request)
    async with state.database.transaction() as tx:
        key = await api_keys.get_of_owner(tx, session.user.id, request.path_params["key_id"])
        await api_keys.revoke(tx, key, state.clock.now())
    return see_other(f"{KEYS}?done=revoked")


async def _page(
    request: Request,
    status: int = 200,
    *,
    new: str = "",
    revoked: bool = False,
    refusal: ProblemError | None = None,
    **faults: str,
) -> Response:
    state, session = state_of(request), session_of(request)
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
        name_error=_say(request, faults.get("name_error", "")),
        day_error=_say(request, faults.get("day_error", "")),
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
    spec = error.problem.spec
    texts = (_say(request, spec.title), _say(request, spec.user_text))
    return filled(". ".join(texts), error.context)


def _say(request: Request, text: str) -> str:
    return state_of(request).site.pages.text(language_of(request), text)
