"""Failures of a call as faults of the configuration, for each address of the provider."""

from enum import Enum

from kernel.outgoing import Failure, OutgoingError
from kernel.problems import ProblemError
from live_agent.problems import Fault, Problem

ENDINGS = {
    Failure.DNS: "UNREACHABLE",
    Failure.UNREACHABLE: "UNREACHABLE",
    Failure.NOT_ALLOWED: "UNREACHABLE",
    Failure.TIMED_OUT: "TIMED_OUT",
    Failure.TLS_UNTRUSTED: "TLS_UNTRUSTED",
    Failure.TLS_EXPIRED: "TLS_EXPIRED",
    Failure.TLS_HOSTNAME: "TLS_HOSTNAME",
    Failure.TLS_FAILED: "TLS_FAILED",
    Failure.REDIRECTED: "REDIRECTED",
}


class Endpoint(Enum):
    """The addresses that are called, with the beginning of their faults' names."""

    TOKEN = "TOKEN_ENDPOINT"  # noqa: S105 - a name
    DISCOVERY = "DISCOVERY"
    JWKS = "JWKS"
    USERINFO = "USERINFO"


def fault_of(endpoint: Endpoint, failure: Failure) -> Fault:
    """What broke off, is too large, no JSON or no URL is nonsense; the detail says which."""
    return Fault[f"{endpoint.value}_{ENDINGS.get(failure, 'ANSWERED_NONSENSE')}"]


def unanswered(endpoint: Endpoint, error: OutgoingError) -> ProblemError:
    """No usable answer from that address."""
    return ProblemError(
        Problem.OAUTH_CONFIGURATION,
        fault_of(endpoint, error.kind),
        step=endpoint.name.lower(),
        detail=str(error),
    )


def nonsense(endpoint: Endpoint, detail: str) -> ProblemError:
    """An answer that is not what the standard says."""
    return ProblemError(
        Problem.OAUTH_CONFIGURATION,
        Fault[f"{endpoint.value}_ANSWERED_NONSENSE"],
        step=endpoint.name.lower(),
        detail=detail,
    )
