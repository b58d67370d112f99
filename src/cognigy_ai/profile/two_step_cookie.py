"""What is being set up, and the recovery codes that were just made: sealed, of one session.

Neither is in an address or in the database, and the pages can be loaded again.
"""

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.guards import session_of
from cognigy_ai.state import state_of

COOKIE = "two_step"
SEALED_FOR = "two-step-page"
LIFETIME_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the two, for ten minutes."""

    secret: str = field(default="", repr=False)
    codes: tuple[str, ...] = field(default=(), repr=False)


NOTHING = Shown()


def keep(request: Request, response: Response, shown: Shown, now: int) -> None:
    """In this browser, for this session."""
    state = state_of(request)
    value = {
        "session": session_of(request).id,
        "until": now + LIFETIME_SECONDS,
        "secret": shown.secret,
        "codes": shown.codes,
    }
    sealed = state.keyring.seal(SEALED_FOR, value)
    state.site.cookies.set(response, COOKIE, sealed, LIFETIME_SECONDS)


def forget(request: Request, response: Response) -> None:
    """The person has the codes."""
    state_of(request).site.cookies.delete(response, COOKIE)


def find(request: Request, now: int) -> Shown:
    """Nothing of another session, and nothing that is too old."""
    state = state_of(request)
    text = state.site.cookies.get(request, COOKIE)
    value = state.keyring.open_sealed(SEALED_FOR, text) if text else None
    if not isinstance(value, dict) or now >= value["until"]:
        return NOTHING
    if value["session"] != session_of(request).id:
        return NOTHING
    return Shown(str(value["secret"]), tuple(value["codes"]))
