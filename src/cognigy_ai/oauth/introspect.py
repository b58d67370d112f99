"""POST /auth/oauth2/introspect: is this token alive, and what may it do? (RFC 7662)"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.oauth.answers import as_json
from cognigy_ai.oauth.client_authentication import authenticate_confidential
from cognigy_ai.oauth.grants.parameters import needed
from cognigy_ai.state import state_of
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.tokens.rules import Grant
from kernel.web.forms import read_form

INACTIVE: dict[str, Any] = {"active": False}
TOKEN_TYPES = {"access_token": "Bearer", "refresh_token": "refresh_token"}


async def post_introspect(request: Request) -> Response:
    """A client sees its own tokens; every other one is inactive to it, whatever it is."""
    state = state_of(request)
    now = state.clock.now()
    form = await read_form(request)
    client = await authenticate_confidential(request, form, now)
    found = await tokens.find_by_token(state.database, needed(form, "token"), now)
    if found is None or found[0].client_id != client.client_id:
        return as_json(INACTIVE)
    return as_json(_active(*found, state.settings.issuer))


def _active(grant: Grant, kind: str, issuer: str) -> dict[str, Any]:
    """Section 2.2. The tokens are for this issuer's own endpoints."""
    body: dict[str, Any] = {
        "active": True,
        "client_id": grant.client_id,
        "token_type": TOKEN_TYPES[kind],
        "iat": grant.issued_at,
        "exp": grant.expires_at,
        "iss": issuer,
        "aud": issuer,
    }
    if grant.scope:
        body["scope"] = grant.scope
    if grant.person is not None:
        body["sub"] = grant.person.user_id
    if grant.organisation_id is not None:
        body["organisation"] = grant.organisation_id
    return body
