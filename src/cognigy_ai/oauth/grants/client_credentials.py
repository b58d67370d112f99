"""grant_type=client_credentials (RFC 6749 section 4.4): a token of the client itself."""

from collections.abc import Mapping
from typing import Any

from cognigy_ai.clients.rules import Client
from cognigy_ai.oauth.grants.parameters import access_lifetime, token_answer
from cognigy_ai.oauth.rules.scope import organisation_of
from cognigy_ai.problems import Problem
from cognigy_ai.state import State
from cognigy_ai.tokens import actions as tokens
from kernel.log import get_logger
from kernel.problems import ProblemError

log = get_logger(__name__)


async def exchange(
    state: State, client: Client, form: Mapping[str, str], now: int
) -> dict[str, Any]:
    """`scope=organisationId=<id>` binds the token to one organisation; no refresh token."""
    facts: dict[str, Any] = {"client_id": client.client_id}
    organisation_id = organisation_of(form.get("scope"))
    if isinstance(organisation_id, Problem):
        raise ProblemError(organisation_id, **facts)
    lifetime = access_lifetime(state.settings)
    issued = await tokens.issue_for_client(
        state.database, client.client_id, organisation_id, lifetime, now
    )
    if issued is None:
        raise ProblemError(Problem.SCOPE_INVALID, organisation_id=organisation_id, **facts)
    log.info("token.issued", organisation_id=organisation_id, **facts)
    return token_answer(issued)
