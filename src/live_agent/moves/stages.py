"""How an account is led through the move: stages, the brake, and when somebody is reminded."""

from dataclasses import dataclass
from enum import Enum, unique

from kernel.languages import n_

DAY = 86_400
REMIND_AGAIN_AFTER = 3 * DAY
MOST_REMINDERS = 6
BRAKE_WINDOW = DAY
FEWEST_FAILURES = 5  # before that, a percentage says nothing
MOST_FAILURES_PERCENT = 20
LATEST_CLOSING = 366 * DAY


@unique
class Stage(Enum):
    """What an old user is asked for, in the order of a wave."""

    OBSERVE = n_("Observe")
    INVITE = n_("Invited")
    FIRST = n_("Cognigy.AI first")
    CLOSING = n_("Old login closes")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one old user is led to."""

    stage: Stage
    closes_at: int | None = None
    closed_at: int | None = None
    reminded_at: int | None = None
    reminders: int = 0

    def may_be_reminded(self, now: int) -> bool:
        if self.reminders >= MOST_REMINDERS:
            return False
        return self.reminded_at is None or self.reminded_at <= now - REMIND_AGAIN_AFTER

    @property
    def asks_to_move(self) -> bool:
        """Does the old login ask for the other one?"""
        return self.stage in (Stage.FIRST, Stage.CLOSING)


OBSERVED = Standing(Stage.OBSERVE)


@dataclass(frozen=True, slots=True)
class Brake:
    """Nothing closes, and nobody is mailed, while an account is paused."""

    paused_at: int | None = None
    by_itself: bool = False
    failures: int = 0
    moved: int = 0

    @property
    def paused(self) -> bool:
        return self.paused_at is not None


def must_pause(failures: int, moved: int) -> bool:
    """Are too many of those who try refused, within `BRAKE_WINDOW`?"""
    share = 100 * failures > MOST_FAILURES_PERCENT * (failures + moved)
    return failures >= FEWEST_FAILURES and share
