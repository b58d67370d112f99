"""What pages say about doors."""

from collections.abc import Callable
from dataclasses import dataclass

from kernel.languages import n_
from live_agent.doors.rules import Door, DoorState, Why

DOORS = {
    Door.PLATFORM: n_("Sign-in with Cognigy.AI"),
    Door.OLD_LOGIN: n_("Old login with a password"),
    Door.RESET: n_("Mailed link for a new password"),
    Door.CONFIRMATION: n_("Mailed link that confirms the address"),
    Door.INVITATION: n_("Mailed invitation"),
    Door.PENDING_LINK: n_("Move that waits for a proof"),
    Door.API_TOKEN: n_("API tokens"),
    Door.SESSION: n_("Sessions"),
    Door.LIVE_CONNECTION: n_("Live connections"),
    Door.BREAK_GLASS: n_("Break-glass link or session"),
}
WHYS = {
    Why.OWNED: n_("the user belongs to a Cognigy.AI identity"),
    Why.MOVES: n_("the first sign-in moves the user"),
    Why.PASSWORD: n_("there is a password, and the address is confirmed"),
    Why.WAITING: n_("can be used"),
    Why.WITH_SESSION: n_("begin and end with a session"),
    Why.DISABLED: n_("the user is disabled"),
    Why.SUSPENDED: n_("the account is suspended"),
    Why.NO_ORGANISATION: n_("the account has no organisation"),
    Why.SWITCHED_OFF: n_("switched off for the account"),
    Why.LINKING_OFF: n_("old users do not move at the moment"),
    Why.NO_ROLE: n_("no role in Cognigy.AI"),
    Why.MOVED: n_("closed by the move"),
    Why.NEVER: n_("there never was one"),
    Why.NO_PASSWORD: n_("there is no password"),
    Why.NOT_CONFIRMED: n_("the address is not confirmed"),
    Why.ENDED: n_("the last one was used or has ended"),
}


@dataclass(frozen=True, slots=True)
class DoorRow:
    """One door in finished words."""

    name: str
    open: bool
    why: str
    number: int
    at: int | None
    until: int | None


def in_words(state: DoorState, say: Callable[[str], str]) -> DoorRow:
    return DoorRow(
        say(DOORS[state.door]),
        state.open,
        say(WHYS[state.why]),
        state.number,
        state.at,
        state.until,
    )
