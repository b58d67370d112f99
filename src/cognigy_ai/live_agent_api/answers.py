"""What Live Agent answers, read: an account, or the fault that it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from cognigy_ai.live_agent_api.rules import (
    ACTIVE,
    LARGEST_NUMBER,
    PASSING,
    SUSPENDED,
    AccountView,
)
from cognigy_ai.problems import LiveAgentFault, Problem
from kernel.outgoing import Answer, Failure, OutgoingError
from kernel.problems import ProblemError

LONGEST_CODE = 60

_F = LiveAgentFault
FAULTS = {
    Failure.DNS: _F.HOST_UNKNOWN,
    Failure.UNREACHABLE: _F.UNREACHABLE,
    Failure.TIMED_OUT: _F.TIMED_OUT,
    Failure.TLS_UNTRUSTED: _F.TLS_UNTRUSTED,
    Failure.TLS_EXPIRED: _F.TLS_EXPIRED,
    Failure.TLS_HOSTNAME: _F.TLS_HOSTNAME,
    Failure.TLS_FAILED: _F.TLS_FAILED,
    Failure.REDIRECTED: _F.REDIRECTED,
    Failure.DISCONNECTED: _F.BROKEN_OFF,
}
CODES = {
    "platform_token_missing": _F.TOKEN_LOST,
    "platform_token_wrong": _F.TOKEN_WRONG,
    "platform_api_off": _F.TOKEN_UNSET_THERE,
}


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of Live Agent itself. `code` is that of a refusal, empty for a success."""

    status: int
    code: str
    members: Mapping[str, Any]


def unusable(fault: LiveAgentFault, detail: str = "") -> ProblemError:
    """The refusal that a person is told; `detail` is for the log."""
    passing = fault in PASSING
    problem = Problem.LIVE_AGENT_UNAVAILABLE if passing else Problem.LIVE_AGENT_CONFIGURATION
    return ProblemError(problem, fault, detail=detail)


def unanswered(error: OutgoingError) -> ProblemError:
    """No answer at all, or none that can be read."""
    return unusable(FAULTS.get(error.kind, _F.NOT_LIVE_AGENT), str(error))


def read(answer: Answer) -> Said:
    """What Live Agent itself said, be it a refusal of what was asked; raises for all else."""
    if answer.status in (HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT):
        return Said(answer.status, "", {})
    try:
        members = answer.json()
    except OutgoingError as error:
        fault = _F.FAILED if _is_failure(answer) else _F.NOT_LIVE_AGENT
        raise unusable(fault, str(error)) from error
    if answer.status < HTTPStatus.BAD_REQUEST:
        return Said(answer.status, "", members)
    return _refusal(answer, members)


def account_of(members: object) -> AccountView:
    """Raises NOT_LIVE_AGENT if these are not the members of an account."""
    if not isinstance(members, Mapping):
        raise unusable(_F.NOT_LIVE_AGENT, "no account in the answer")
    number, name = members.get("id"), members.get("name")
    organisation, status = members.get("organisation_id"), members.get("status")
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(name, str):
        raise unusable(_F.NOT_LIVE_AGENT, "the answer's account has no number or no name")
    if not 0 < number <= LARGEST_NUMBER:
        raise unusable(_F.NOT_LIVE_AGENT, "the answer's account has an impossible number")
    if status not in (ACTIVE, SUSPENDED) or not isinstance(organisation, str | None):
        raise unusable(_F.NOT_LIVE_AGENT, "the answer's account has no state")
    return AccountView(
        id=number,
        name=name,
        organisation_id=organisation,
        suspended=status == SUSPENDED,
        oauth_login=members.get("oauth_login") is not False,
    )


def refused(said: Said) -> ProblemError:
    """A refusal that the caller does not expect."""
    return unusable(_F.REFUSED, f"status {said.status}, code {said.code}")


def _refusal(answer: Answer, members: Mapping[str, Any]) -> Said:
    code = members.get("code")
    known = CODES.get(code) if isinstance(code, str) else None
    detail = f"status {answer.status}, code {str(code)[:LONGEST_CODE]}"
    if known is not None:
        raise unusable(known, detail)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise unusable(_F.THROTTLED, detail)
    if _is_failure(answer):
        raise unusable(_F.FAILED, detail)
    if isinstance(code, str):
        return Said(answer.status, code[:LONGEST_CODE], members)
    # The pages of a Live Agent without the API answer so; so do those of Cognigy.AI itself.
    old = members.get("error") == Problem.PAGE_NOT_FOUND.code
    raise unusable(_F.TOO_OLD if old else _F.NOT_LIVE_AGENT, detail)


def _is_failure(answer: Answer) -> bool:
    return answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
