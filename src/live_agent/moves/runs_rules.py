"""A deed on many people, which goes on in the background and outlives the process that began it."""

from dataclasses import dataclass
from enum import Enum, unique

from kernel.languages import n_

BATCH = 100


@unique
class Kind(Enum):
    """What is done for each person."""

    REMIND = n_("Reminders")
    PROPOSE = n_("Proposed accounts")


@unique
class RunState(Enum):
    """How far a run is."""

    RUNNING = n_("running")
    ASKED = n_("waits for the organisation")  # proposed; its admin decides
    DONE = n_("done")
    STOPPED = n_("stopped")


@unique
class Fate(Enum):
    """What became of one person."""

    MAILED = "mailed"
    TOO_SOON = "too_soon"
    GONE = "gone"
    PROPOSED = "proposed"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Run:
    """One deed."""

    id: str
    account_id: int
    kind: Kind
    asked_by: str
    asked_by_name: str
    state: RunState
    total: int
    done: int
    created_at: int
    finished_at: int | None = None
    failure: str | None = None

    @property
    def under_way(self) -> bool:
        return self.state is RunState.RUNNING

    def proposal_id(self, batch: int) -> str:
        """The same each time the batch is sent: the platform takes it once."""
        return f"{self.id}-{batch}"
