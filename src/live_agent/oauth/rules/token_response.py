"""What the token endpoint says (RFC 6749 sections 5.1 and 5.2, OIDC Core 3.1.3.3 and 3.1.3.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from live_agent.cognigy_api.rules.refusal import Refusal, misconfigured, quotable
from live_agent.problems import Fault, Problem

LONGEST_TOKEN = 16_384

ERRORS = {
    "invalid_client": misconfigured(Fault.SECRET_REJECTED),
    "unauthorized_client": misconfigured(Fault.CLIENT_UNKNOWN),
    # Overtaken: the code is void since the person was signed out everywhere, or was used before.
    "invalid_grant": Refusal(Problem.LOGIN_EXPIRED, Fault.GRANT_REFUSED),
    "invalid_scope": misconfigured(Fault.SCOPE_REFUSED),
    "invalid_request": misconfigured(Fault.TOKEN_REQUEST_REFUSED),
    "unsupported_grant_type": misconfigured(Fault.TOKEN_REQUEST_REFUSED),
    "temporarily_unavailable": Refusal(Problem.PROVIDER_UNAVAILABLE),
    "server_error": Refusal(Problem.PROVIDER_UNAVAILABLE),
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The members that we use; unknown ones and a missing `expires_in` are fine."""

    access_token: str = field(repr=False)
    id_token: str | None = field(repr=False)
    refresh_token: str | None = field(repr=False)


def read(status: int, members: Mapping[str, Any], *, id_token_required: bool) -> Tokens | Refusal:
    """The tokens, or why there are none."""
    if status != HTTPStatus.OK or "error" in members:
        return _told(status, members)
    wrong = _wrong_member(members)
    if wrong:
        return _nonsense(f"{wrong} is missing or wrong")
    id_token = members.get("id_token")
    if id_token is None and id_token_required:
        return misconfigured(Fault.ID_TOKEN_MISSING)
    if not _is_token_or_none(id_token):
        return misconfigured(Fault.ID_TOKEN_MALFORMED, "not a text, or too long")
    return Tokens(str(members["access_token"]), id_token, members.get("refresh_token"))


def _wrong_member(members: Mapping[str, Any]) -> str | None:
    kind = members.get("token_type")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        return "token_type"
    if not _is_token(members.get("access_token")):
        return "access_token"
    return None if _is_token_or_none(members.get("refresh_token")) else "refresh_token"


def _told(status: int, members: Mapping[str, Any]) -> Refusal:
    error = members.get("error")
    description = members.get("error_description", "")
    said = quotable(f"{status} {error}: {description}".removesuffix(": "))
    known = ERRORS.get(error) if isinstance(error, str) else None
    if known is None:
        return _nonsense(said)
    if known.fault is Fault.GRANT_REFUSED and "redirect" in str(description).lower():
        # RFC 6749 has one code for both; a provider that is kind says which it was.
        return misconfigured(Fault.REDIRECT_URI_DIFFERS, said)
    return Refusal(known.problem, known.fault, said)


def _nonsense(detail: str) -> Refusal:
    return misconfigured(Fault.TOKEN_ENDPOINT_ANSWERED_NONSENSE, detail)


def _is_token(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and value.isascii()


def _is_token_or_none(value: object) -> bool:
    return value is None or _is_token(value)
