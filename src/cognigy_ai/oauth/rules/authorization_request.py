"""The authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1).

First client and redirect URI, whose faults are shown and never redirected; then the rest, whose
faults the client is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cognigy_ai.clients.rules import Client
from cognigy_ai.oauth.rules import pkce, scope
from cognigy_ai.problems import OAuthFault, Problem

PROMPTS = frozenset(["none", "login", "consent", "select_account"])
LONGEST = {
    "state": 2000,
    "nonce": 500,
    "login_hint": 500,
    "id_token_hint": 16_384,
    "acr_values": 500,
}
LONGEST_MAX_AGE = 10
UNSUPPORTED = {
    "request": Problem.REQUEST_NOT_SUPPORTED,
    "request_uri": Problem.REQUEST_URI_NOT_SUPPORTED,
    "registration": Problem.REGISTRATION_NOT_SUPPORTED,
}


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that may be answered with a code."""

    client_id: str
    redirect_uri: str
    redirect_uri_given: bool
    scope: str
    state: str | None
    nonce: str | None
    code_challenge: str | None
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str
    organisation_id: str
    acr_values: tuple[str, ...] = ()  # in the order of preference


def redirect_uri_of(given: Mapping[str, str], client: Client) -> str | OAuthFault:
    """Where answers go: one of the client's, equal character by character (RFC 9700 4.1.3).

    A client with a single one may leave it out, but not for OpenID Connect.
    """
    redirect_uri = given.get("redirect_uri")
    if redirect_uri is None:
        is_openid = "openid" in given.get("scope", "").split()
        if len(client.redirect_uris) != 1 or is_openid:
            return OAuthFault.REDIRECT_URI_MISSING
        return client.redirect_uris[0]
    if redirect_uri not in client.redirect_uris:
        return OAuthFault.REDIRECT_URI_DIFFERS
    return redirect_uri


def parse(
    given: Mapping[str, str], client: Client, redirect_uri: str
) -> AuthorizationRequest | Problem:
    """The request, or the first rule that it breaks. Unknown parameters are ignored."""
    refused = _refusal(given, client)
    if refused is not None:
        return refused
    prompt = frozenset(given.get("prompt", "").split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        return Problem.PROMPT_INVALID
    max_age = given.get("max_age")
    if max_age is not None and not _is_seconds(max_age):
        return Problem.MAX_AGE_INVALID
    granted = scope.granted(given.get("scope"), client.scopes)
    if isinstance(granted, Problem):
        return granted
    return AuthorizationRequest(
        client_id=client.client_id,
        redirect_uri=redirect_uri,
        redirect_uri_given="redirect_uri" in given,
        scope=granted,
        state=given.get("state"),
        nonce=given.get("nonce"),
        code_challenge=given.get("code_challenge"),
        prompt=prompt,
        max_age=None if max_age is None else int(max_age),
        login_hint=given.get("login_hint", ""),
        organisation_id=organisation_id_of(given),
        acr_values=tuple(given.get("acr_values", "").split()),
    )


def organisation_id_of(given: Mapping[str, str]) -> str:
    """`organisationId` in any case, as people write it into addresses; empty for none."""
    return next((v for name, v in given.items() if name.lower() == "organisationid"), "")


def _refusal(given: Mapping[str, str], client: Client) -> Problem | None:
    """What is missing, not offered, or not allowed to this client."""
    refused = next((p for name, p in UNSUPPORTED.items() if name in given), None)
    refused = refused or _response_refusal(given)
    if refused is not None:
        return refused
    if "authorization_code" not in client.grant_types:
        return Problem.CLIENT_NOT_ALLOWED
    if any(len(given.get(name, "")) > longest for name, longest in LONGEST.items()):
        return Problem.PARAMETER_TOO_LONG
    return _pkce_refusal(given, client)


def _response_refusal(given: Mapping[str, str]) -> Problem | None:
    """Only codes, only in the query: no token ever travels through an address (RFC 9700 2.1.2)."""
    if "response_type" not in given:
        return Problem.RESPONSE_TYPE_MISSING
    if given["response_type"] != "code":
        return Problem.RESPONSE_TYPE_UNSUPPORTED
    if given.get("response_mode", "query") != "query":
        return Problem.RESPONSE_MODE_UNSUPPORTED
    return None


def _pkce_refusal(given: Mapping[str, str], client: Client) -> Problem | None:
    """PKCE, or for a confidential client that may go without it a nonce (RFC 9700 2.1.1)."""
    challenge = given.get("code_challenge")
    if challenge is not None:
        return pkce.challenge_refusal(challenge, given.get("code_challenge_method"))
    if client.pkce == "required" or client.auth_method == "none":
        return Problem.CODE_CHALLENGE_MISSING
    return None if "nonce" in given else Problem.NONCE_MISSING


def _is_seconds(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_MAX_AGE
