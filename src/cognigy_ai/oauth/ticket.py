"""What a login has behind it, carried sealed from page to page: nothing is stored for it here."""

from collections.abc import Mapping
from dataclasses import dataclass

from cognigy_ai.oauth.rules.next_step import Step
from kernel.keyring import KeyRing

SEALED_FOR = "ticket"
LIFETIME_SECONDS = 600
LONGEST = 65_536


@dataclass(frozen=True, slots=True)
class Ticket:
    """The request, whose session it is, and the steps that are done."""

    given: Mapping[str, str]
    session_id: str
    done: frozenset[Step]
    is_over: bool = False


def seal(keyring: KeyRing, ticket: Ticket, now: int) -> str:
    """For the address of the next page."""
    value = {
        "given": dict(ticket.given),
        "session": ticket.session_id,
        "done": sorted(step.value for step in ticket.done),
        "until": now + LIFETIME_SECONDS,
    }
    return keyring.seal(SEALED_FOR, value)


def open_ticket(keyring: KeyRing, text: str, now: int) -> Ticket | None:
    """The ticket, or None if it is not one of ours."""
    value = keyring.open_sealed(SEALED_FOR, text, LONGEST)
    if not isinstance(value, dict):
        return None
    done = frozenset(Step(name) for name in value["done"])
    return Ticket(value["given"], value["session"], done, is_over=now >= value["until"])
