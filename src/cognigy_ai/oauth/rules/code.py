"""When may a claimed code become tokens? (RFC 6749 section 4.1.3, RFC 7636 section 4.6)"""

from dataclasses import dataclass

from cognigy_ai.oauth.rules import pkce
from cognigy_ai.problems import Problem
from cognigy_ai.tokens.rules import Code


@dataclass(frozen=True, slots=True)
class Redemption:
    """What the client presents beside the code."""

    redirect_uri: str | None
    code_verifier: str | None


def refusal(code: Code, by: Redemption, now: int) -> Problem | None:
    """The first rule that the redemption breaks, in the order of the RFC, or None."""
    if now >= code.expires_at:
        return Problem.CODE_EXPIRED
    if not _same_redirect_uri(code, by.redirect_uri):
        return Problem.CODE_FOR_OTHER_REDIRECT_URI
    if not pkce.verifier_matches(by.code_verifier, code.code_challenge):
        return Problem.PKCE_MISMATCH
    return None


def _same_redirect_uri(code: Code, redirect_uri: str | None) -> bool:
    """Required if the authorization request had one; if given it has to be right anyway."""
    if redirect_uri is None:
        return not code.redirect_uri_given
    return redirect_uri == code.redirect_uri
