"""The ID token of a token answer (OpenID Connect Core sections 3.1.3.3 and 12.2)."""

from cognigy_ai.clients.rules import Client
from cognigy_ai.oauth.grants.parameters import access_lifetime
from cognigy_ai.oauth.rules import claims
from cognigy_ai.oauth.rules.claims import Subject
from cognigy_ai.state import State
from cognigy_ai.tokens.rules import Tokens
from kernel.jose import sign


async def signed(
    state: State, client: Client, subject: Subject, tokens: Tokens, now: int
) -> dict[str, str]:
    """The member `id_token`, or nothing without the scope openid. Signed after the commit."""
    if "openid" not in tokens.scope.split():
        return {}
    settings = state.settings
    to = claims.Audience(
        settings.issuer, client.client_id, client.id_token_alg, access_lifetime(settings)
    )
    body = claims.id_token(subject, tokens.scope, to, now)
    body["at_hash"] = claims.at_hash(tokens.access_token, client.id_token_alg)
    key = await state.keys.signing_key(client.id_token_alg, now)
    return {"id_token": sign(key, body)}
