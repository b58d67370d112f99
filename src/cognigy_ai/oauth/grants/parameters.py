"""Parameters and answers that the grant types share."""

from collections.abc import Mapping
from typing import Any

from cognigy_ai.problems import Problem
from cognigy_ai.settings import Settings
from cognigy_ai.tokens.rules import Tokens
from kernel.problems import ProblemError


def needed(form: Mapping[str, str], name: str) -> str:
    """The parameter, or invalid_request (RFC 6749 section 5.2)."""
    value = form.get(name)
    if value is None:
        raise ProblemError(Problem.PARAMETER_MISSING, parameter=name)
    return value


def access_lifetime(settings: Settings) -> int:
    """In seconds."""
    return settings.api_access_token_expiration_in_minutes * 60


def token_answer(tokens: Tokens) -> dict[str, Any]:
    """RFC 6749 section 5.1; the scope always, so that nobody has to guess what was granted."""
    body: dict[str, Any] = {
        "access_token": tokens.access_token,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
    }
    if tokens.scope:
        body["scope"] = tokens.scope
    if tokens.refresh_token is not None:
        body["refresh_token"] = tokens.refresh_token
    return body
