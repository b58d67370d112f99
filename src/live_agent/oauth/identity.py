"""From the code to who that is: token request, ID token, claims (OIDC Core section 3.1.3)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from kernel.problems import ProblemError
from kernel.web.site import reference_of_request
from live_agent.cognigy_api.claim_names import claim_names
from live_agent.cognigy_api.provider import Reply
from live_agent.cognigy_api.rules import claims as claim_rules
from live_agent.cognigy_api.rules.refusal import Refusal
from live_agent.migration.actions import PlatformLogin
from live_agent.oauth.refusals import refusal_error, refuse_if
from live_agent.oauth.rules import id_token, token_response, userinfo
from live_agent.oauth.rules.flow import Flow
from live_agent.oauth.rules.id_token import Expected
from live_agent.oauth.rules.token_response import Tokens
from live_agent.state import state_of


async def identify(request: Request, code: str, flow: Flow, now: int) -> PlatformLogin:
    """Redeem the code; what comes back was checked in full. Raises ProblemError."""
    state = state_of(request)
    reference = reference_of_request(request)
    reply = await state.provider.exchange(code, flow.code_verifier, reference, now)
    tokens = token_response.read(
        reply.status, reply.members, id_token_required=state.settings.uses_id_token
    )
    if isinstance(tokens, Refusal):
        raise refusal_error(tokens, "token")
    try:
        if state.settings.uses_id_token:
            claims = await _claims_of_id_token(request, tokens, flow, reply, now)
        else:
            claims = await _claims_of_userinfo(request, tokens)
        names = claim_names(state.settings)
        person = claim_rules.read(claims, names, flow.issuer)
        if isinstance(person, Refusal):
            raise refusal_error(person, "claims")
        refuse_if(claim_rules.organisation_fault(claims, names), "claims")
    except ProblemError:
        state.provider.revoke_later(tokens.refresh_token, reference)
        raise
    return PlatformLogin(
        issuer=flow.issuer,
        subject=person.subject,
        organisation=person.organisation,
        email=person.email,
        email_verified=person.email_verified,
        name=person.name,
        locale=person.locale,
        roles=person.roles,
        sid=person.sid,
        access_revision=person.access_revision,
        id_token=tokens.id_token,
        refresh_token=tokens.refresh_token,
    )


async def _claims_of_id_token(
    request: Request, tokens: Tokens, flow: Flow, reply: Reply, now: int
) -> Mapping[str, Any]:
    """Signature first, then every claim (OIDC Core section 3.1.3.7)."""
    state = state_of(request)
    assert tokens.id_token is not None
    signed = await state.provider.verify(tokens.id_token)
    expected = Expected(
        issuer=flow.issuer,
        client_id=state.settings.cognigy_oauth_client_id,
        nonce=flow.nonce,
        access_token=tokens.access_token,
        algorithm=signed.algorithm,
        skew=state.settings.cognigy_oauth_clock_skew_seconds,
        clock_offset=reply.clock_offset,
    )
    refuse_if(id_token.claims_fault(signed.claims, expected, now), "id_token")
    return signed.claims


async def _claims_of_userinfo(request: Request, tokens: Tokens) -> Mapping[str, Any]:
    """For a provider without ID tokens (COGNIGY_OAUTH_ID_TOKEN=absent)."""
    reference = reference_of_request(request)
    members = await state_of(request).provider.userinfo(tokens.access_token, reference)
    refuse_if(userinfo.refusal(members, tokens.id_token), "userinfo")
    return members
