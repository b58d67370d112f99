"""What the browser brings back (RFC 6749 section 4.1.2, RFC 9207, OIDC Core 3.1.2.6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from live_agent.cognigy_api.rules.refusal import Refusal, misconfigured, quotable
from live_agent.problems import Fault, Problem

LONGEST_STATE = 200
LONGEST_CODE = 4096

# Errors of the provider by what the person is told; any other one calls our request wrong.
ERRORS = {
    "access_denied": Refusal(Problem.LOGIN_CANCELLED),
    "temporarily_unavailable": Refusal(Problem.PROVIDER_UNAVAILABLE),
    "server_error": Refusal(Problem.PROVIDER_UNAVAILABLE),
    # OIDC Core 3.1.2.6: the provider wanted to ask the person something and was not let.
    "login_required": Refusal(Problem.LOGIN_EXPIRED),
    "interaction_required": Refusal(Problem.LOGIN_EXPIRED),
    "account_selection_required": Refusal(Problem.LOGIN_EXPIRED),
    "consent_required": Refusal(Problem.LOGIN_CANCELLED),
    "invalid_scope": misconfigured(Fault.SCOPE_REFUSED),
    "unauthorized_client": misconfigured(Fault.CLIENT_UNKNOWN),
    "invalid_client": misconfigured(Fault.CLIENT_UNKNOWN),
}


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """Made by `parse`; empty means absent."""

    state: str
    code: str
    error: str
    error_description: str
    iss: str


def parse(found: Mapping[str, str]) -> AuthorizationResponse:
    """From the query; what is longer than we ever sent is not ours and counts as absent."""
    state = found.get("state", "")
    code = found.get("code", "")
    return AuthorizationResponse(
        state=state if len(state) <= LONGEST_STATE else "",
        code=code if len(code) <= LONGEST_CODE else "",
        error=found.get("error", ""),
        error_description=found.get("error_description", ""),
        iss=found.get("iss", ""),
    )


def refusal(response: AuthorizationResponse, issuer: str, *, iss_required: bool) -> Refusal | None:
    """The first thing that is wrong with the answer of our own provider, or None.

    RFC 9207 section 2.4: `iss` is compared as a plain string before anything else is believed, and
    it must be there if the provider says that it sends it. Nobody else's answer costs a request.
    """
    if response.iss != issuer and (response.iss or iss_required):
        detail = f"iss is {quotable(response.iss)}" if response.iss else "iss is missing"
        return misconfigured(Fault.ISSUER_DIFFERS, detail)
    if response.error:
        return _told(response)
    if not response.code:
        return misconfigured(Fault.RESPONSE_MALFORMED, "no code")
    return None


def _told(response: AuthorizationResponse) -> Refusal:
    known = ERRORS.get(response.error, misconfigured(Fault.REQUEST_REFUSED))
    said = quotable(f"{response.error}: {response.error_description}".removesuffix(": "))
    return Refusal(known.problem, known.fault, said)
