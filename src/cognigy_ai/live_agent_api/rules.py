"""What an account of Live Agent is, seen from here."""

from dataclasses import dataclass

from cognigy_ai.problems import LiveAgentFault

ACTIVE, SUSPENDED = "active", "suspended"
LARGEST_NUMBER = 2**31 - 1
# What passes by itself; everything else somebody has to correct.
PASSING = frozenset(
    {
        LiveAgentFault.UNREACHABLE,
        LiveAgentFault.TIMED_OUT,
        LiveAgentFault.BROKEN_OFF,
        LiveAgentFault.FAILED,
    }
)


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as Live Agent tells it."""

    id: int
    name: str
    organisation_id: str | None
    suspended: bool
    oauth_login: bool
