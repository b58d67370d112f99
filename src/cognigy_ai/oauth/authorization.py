"""Reading an authorization request: which client, where to answer, and whether it is in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from cognigy_ai.clients.rules import LONGEST_ID, LONGEST_URI, Client
from cognigy_ai.oauth.answers import error_url
from cognigy_ai.oauth.rules import authorization_request as rules
from cognigy_ai.oauth.rules.authorization_request import AuthorizationRequest
from cognigy_ai.problems import OAuthFault, Problem
from cognigy_ai.state import State, state_of
from kernel.jose import TokenError, verify
from kernel.opaque import new_reference, reference_of
from kernel.problems import ProblemError
from kernel.web.guards import GoElsewhere, log_refusal

OAUTH_PARAMETERS = ("client_id", "redirect_uri", "response_type")


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorization request in order, and who makes it."""

    request: AuthorizationRequest
    client: Client
    subject: str  # of the id_token_hint; empty: anybody
    given: Mapping[str, str]
    reference: str

    @property
    def query(self) -> str:
        """The same request again, for the address of the next page."""
        return urlencode(self.given)

    def query_for_another_account(self) -> str:
        """The same request, but asking who one is."""
        prompt = (self.request.prompt - {"select_account"}) | {"login"}
        return urlencode({**self.given, "prompt": " ".join(sorted(prompt))})


def is_authorization(given: Mapping[str, str]) -> bool:
    """Is /login called as the authorization endpoint?"""
    return any(name in given for name in OAUTH_PARAMETERS)


async def read_authorization(request: Request, given: Mapping[str, str], now: int) -> Authorization:
    """The checked request. Until client and redirect URI are known to be right, a fault raises
    OAUTH_CONFIGURATION, which is shown here; afterwards it goes back to the client (RFC 6749
    section 4.1.2.1).
    """
    state = state_of(request)
    sent = given.get("state")
    reference = new_reference() if sent is None else reference_of(sent)
    request.state.reference = reference
    client = await _get_client(state, given, now)
    redirect_uri = rules.redirect_uri_of(given, client)
    if isinstance(redirect_uri, OAuthFault):
        raise ProblemError(
            Problem.OAUTH_CONFIGURATION,
            redirect_uri,
            client_id=client.client_id,
            given=given.get("redirect_uri", "")[:LONGEST_URI],
        )
    parsed = rules.parse(given, client, redirect_uri)
    subject = await _hinted_subject(state, given, client, now)
    for problem in (parsed, subject):
        if isinstance(problem, Problem):
            raise refused(request, redirect_uri, sent, problem, client_id=client.client_id)
    assert isinstance(parsed, AuthorizationRequest)
    assert isinstance(subject, str)
    return Authorization(parsed, client, subject, given, reference)


def refused(
    request: Request, redirect_uri: str, sent_state: str | None, problem: Problem, **facts: Any
) -> GoElsewhere:
    """Tell the client, and leave the route."""
    error = ProblemError(problem, **facts)
    log_refusal(request, error)
    issuer = state_of(request).settings.issuer
    return GoElsewhere(error_url(redirect_uri, sent_state, error, issuer))


async def _get_client(state: State, given: Mapping[str, str], now: int) -> Client:
    client_id = given.get("client_id")
    if client_id is None:
        raise ProblemError(Problem.OAUTH_CONFIGURATION, OAuthFault.CLIENT_ID_MISSING)
    client = await state.clients.find(client_id, now)
    if client is None:
        raise ProblemError(
            Problem.OAUTH_CONFIGURATION,
            OAuthFault.CLIENT_UNKNOWN,
            client_id=client_id[:LONGEST_ID],
        )
    return client


async def _hinted_subject(
    state: State, given: Mapping[str, str], client: Client, now: int
) -> str | Problem:
    """Whom the client expects (OpenID Connect Core 3.1.2.1); an expired hint is still a hint."""
    hint = given.get("id_token_hint")
    if hint is None:
        return ""
    try:
        claims = verify(hint, await state.keys.verification_keys(now), typ="jwt")
    except TokenError:
        return Problem.ID_TOKEN_HINT_INVALID
    ours = claims.get("iss") == state.settings.issuer and claims.get("aud") == client.client_id
    return str(claims.get("sub", "")) if ours else Problem.ID_TOKEN_HINT_INVALID
