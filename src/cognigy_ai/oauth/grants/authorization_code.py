"""grant_type=authorization_code (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""

from collections.abc import Mapping
from typing import Any

from cognigy_ai.clients.rules import Client
from cognigy_ai.oauth.grants.id_token import signed
from cognigy_ai.oauth.grants.parameters import access_lifetime, needed, token_answer
from cognigy_ai.oauth.rules import code as code_rules
from cognigy_ai.oauth.rules.claims import Subject
from cognigy_ai.state import State
from cognigy_ai.tokens import actions as tokens
from cognigy_ai.tokens.rules import GrantOrder, Login
from kernel.log import get_logger
from kernel.problems import ProblemError

log = get_logger(__name__)


async def exchange(
    state: State, client: Client, form: Mapping[str, str], now: int
) -> dict[str, Any]:
    """Claim the code, judge the claim, write the grant: two statements, one transaction."""
    code = needed(form, "code")
    by = code_rules.Redemption(form.get("redirect_uri"), form.get("code_verifier"))
    order = GrantOrder(
        client_id=client.client_id,
        access_lifetime=access_lifetime(state.settings),
        grant_lifetime=client.grant_lifetime,
        refreshable="refresh_token" in client.grant_types,
    )
    problem = issued = None
    async with state.database.transaction() as tx:
        claimed = await tokens.claim_code(tx, code, client.client_id, now)
        if claimed is not None:
            problem = code_rules.refusal(claimed, by, now)
        if claimed is not None and problem is None:
            issued = await tokens.issue_grant(tx, code, claimed, order, now)
    # Raised after the block: the claim is kept, a refused code is spent.
    if claimed is None:
        raise await tokens.refuse_code(state.database, code, client.client_id, now)
    facts: dict[str, Any] = {"client_id": client.client_id, "user_id": claimed.person.user_id}
    if problem is not None or issued is None:
        assert problem is not None
        raise ProblemError(problem, login=claimed.reference, **facts)
    log.info("token.issued", reference=claimed.reference, **facts)
    login = Login(claimed.session_id, claimed.auth_time, claimed.amr)
    subject = Subject(claimed.person, login, claimed.nonce)
    id_token = await signed(state, client, subject, issued, now)
    return token_answer(issued) | id_token
