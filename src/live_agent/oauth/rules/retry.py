"""What becomes of a callback that cannot go on: at most one restart (DESIGN section 3, rule 8)."""

from enum import Enum

from live_agent.oauth.rules.flow import is_retry
from live_agent.problems import Fault, Problem

# A provider that gives another state back than it got would be asked for ever; so many tabs that
# were left open may restart at the same time.
MOST_PENDING_RETRIES = 3


class WayOn(Enum):
    """Where the browser goes instead."""

    STAY = "to the page that the person wanted: somebody is logged in here already"
    ASK = "to the login page, where the person decides"
    RESTART = "straight to the provider once more"
    GIVE_UP = "to the page that says why"


def way_on(
    state: str, *, has_session: bool, pending_retries: int, may_be_foreign: bool = False
) -> WayOn:
    """For a state that this browser does not have, or whose time is over, or that is spent.

    A restart for somebody who is logged in would let a foreign page swap the person; one after an
    answer without any state would have the same answer. `may_be_foreign`: another site led here,
    and no login was begun in this browser, so that a foreign page may want to log somebody in.
    """
    if has_session:
        return WayOn.STAY
    if not state or is_retry(state) or pending_retries >= MOST_PENDING_RETRIES:
        return WayOn.GIVE_UP
    if may_be_foreign:
        return WayOn.ASK
    return WayOn.RESTART


def was_overtaken(problem: object, fault: object, *, retried: bool) -> bool:
    """Did a change at the provider end the login between two steps, and may it begin once more?

    The ID token is of before the change; or the code, which a sign-out everywhere makes void.
    """
    return not retried and (problem is Problem.ACCESS_ENDED or fault is Fault.GRANT_REFUSED)
