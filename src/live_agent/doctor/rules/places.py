"""Where a value is set: the environment key, and the Helm value that becomes it."""

from dataclasses import dataclass
from enum import Enum

from live_agent.helm import places


class System(Enum):
    """The two sides."""

    LIVE_AGENT = "Live Agent"
    COGNIGY_AI = "Cognigy.AI"
    PROVIDER = "the provider"  # somebody else's


_CHARTS = {System.LIVE_AGENT: places.LIVE_AGENT, System.COGNIGY_AI: places.COGNIGY_AI}


@dataclass(frozen=True, slots=True)
class Place:
    """A key of one system's environment, or a Helm value that becomes none (`image.repository`)."""

    system: System
    key: str

    @property
    def helm(self) -> str:
        """Where it is usually written; empty for what no values file holds."""
        if self.system is System.PROVIDER or not (self.key.isupper() or "." in self.key):
            return ""
        if not self.key.isupper():
            return self.key
        return _CHARTS[self.system].place_of(self.key)

    def __str__(self) -> str:
        return f"{self.key} ({self.system.value})"


def live_agent(key: str) -> Place:
    """A key of Live Agent."""
    return Place(System.LIVE_AGENT, key)


def cognigy_ai(key: str) -> Place:
    """A key of Cognigy.AI."""
    return Place(System.COGNIGY_AI, key)
