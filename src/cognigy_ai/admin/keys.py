"""/admin/keys: the API keys of everybody in the organisation, to see and to revoke."""

import re

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.api_keys import actions as api_keys
from cognigy_ai.api_keys.rules import ApiKey
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page, key_page, revoke_key
from cognigy_ai.state import state_of
from cognigy_ai.users.rules import User
from kernel.db import Tx

KEYS = "/admin/keys"
PAGE_SIZE = 50
PLACE = re.compile(r"(\d{1,18})-([0-9a-f]{32})", re.ASCII)  # time and id of the last one seen


async def show_all_keys(request: Request) -> Response:
    """GET /admin/keys: newest first, 50 a page."""
    state, session = state_of(request), session_of(request)
    now = state.clock.now()
    place = PLACE.fullmatch(request.query_params.get("before", ""))
    before = None if place is None else (int(place[1]), place[2])
    found = await api_keys.list_of_organisation(
        state.database, session.user.organisation_id, PAGE_SIZE + 1, before
    )
    shown, last = found[:PAGE_SIZE], found[:PAGE_SIZE][-1:]
    older = f"{KEYS}?before={last[0].created_at}-{last[0].id}" if len(found) > PAGE_SIZE else ""
    return desk_page(
        request,
        "admin/keys.html",
        session,
        rows=[(key, key.state(now)) for key in shown],
        newest=KEYS if before is not None else "",
        older=older,
        revoked=request.query_params.get("done") == "revoked",
    )


async def show_any_key(request: Request) -> Response:
    """GET /admin/keys/{key_id}."""
    return await key_page(request, "admin/keys_one.html", _key_there)


async def post_revoke_any_key(request: Request) -> Response:
    """POST /admin/keys/{key_id}/revoke."""
    return await revoke_key(request, KEYS, _key_there)


async def _key_there(db: Tx, user: User, key_id: str) -> ApiKey:
    return await api_keys.get_of_organisation(db, user.organisation_id, key_id)
