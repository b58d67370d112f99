"""grant_type=refresh_token (RFC 6749 section 6, RFC 9700 section 4.14, Core section 12)."""

from collections.abc import Mapping
from typing import Any

from cognigy_ai.clients.rules import Client
from cognigy_ai.oauth.grants.id_token import signed
from cognigy_ai.oauth.grants.parameters import access_lifetime, needed, token_answer
from cognigy_ai.oauth.rules.claims import Subject
from cognigy_ai.oauth.rules.scope import IGNORED
from cognigy_ai.state import State
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.tokens.rules import RefreshOrder
from kernel.log import get_logger

log = get_logger(__name__)


async def exchange(
    state: State, client: Client, form: Mapping[str, str], now: int
) -> dict[str, Any]:
    """One statement; the ID token says what is true of the person now."""
    scope = form.get("scope")
    order = RefreshOrder(
        refresh_token=needed(form, "refresh_token"),
        client_id=client.client_id,
        scope=None if scope is None else frozenset(scope.split()) - IGNORED,
        access_lifetime=access_lifetime(state.settings),
        grace=state.settings.refresh_grace_seconds,
    )
    fresh, grant = await tokens.refresh(state.database, state.keyring, order, now)
    assert grant.person is not None
    assert grant.login is not None
    log.info("token.refreshed", client_id=client.client_id, user_id=grant.person.user_id)
    id_token = await signed(state, client, Subject(grant.person, grant.login), fresh, now)
    return token_answer(fresh) | id_token
