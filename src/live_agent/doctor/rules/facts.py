"""What was asked and what came back; gathered by `doctor.questions`, judged by the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from live_agent.doctor.rules.places import Place
from live_agent.doctor.rules.sides import Side
from live_agent.doctor.rules.told import Told, read

DISCOVERY, TOKEN_ENDPOINT, JWKS, PROBE = "discovery document", "token endpoint", "key set", "probe"


@dataclass(frozen=True, slots=True)
class Call:
    """One address that was called. `failure` is a name of `kernel.outgoing.Failure`, or empty.

    `places` are the keys that lead there; `certificate` tells of the one that failed.
    """

    endpoint: str
    url: str
    places: tuple[Place, ...]
    failure: str = ""
    detail: str = ""
    certificate: str = ""
    status: int = 0
    members: Mapping[str, Any] = field(default_factory=dict, repr=False)
    clock_offset: int | None = None

    @property
    def answered(self) -> bool:
        return not self.failure

    @property
    def error(self) -> str:
        """The error of the standard, in an answer that refuses."""
        return str(self.members.get("error", "")) if self.answered else ""


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """An account of Live Agent that is mapped to an organisation."""

    id: int
    organisation: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was asked for one report. What was not asked is None."""

    here: Side
    issuer: str
    skew: int
    discovery: Call
    token: Call
    jwks: Call | None = None
    probe: Call | None = None  # the answer that opened, or the last refusal
    token_refused: bool = False  # the probe does not take our platform token
    way_back: Call | None = None
    accounts: tuple[AccountSeen, ...] | None = ()  # None: they could not be read
    one_account: bool = False  # only that account is looked at

    @property
    def told(self) -> Told | None:
        """What the platform says of itself, if it does."""
        probe = self.probe
        if probe is None or not probe.answered or probe.status != 200:  # noqa: PLR2004
            return None
        return read(probe.members)

    @property
    def is_foreign(self) -> bool:
        """A provider that answers, but not the doctor's questions."""
        return self.discovery.answered and self.told is None and not self.names_probe

    @property
    def names_probe(self) -> bool:
        return "cognigy_live_agent_probe_endpoint" in self.discovery.members
