"""Every login that is refused leaves an event: whose it was, why, and from which browser.

An address that nobody has is told by a keyed hash, so that attempts at the same one are known as
such and no address stands in the trail.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.sessions.means import LoginMeans
from cognigy_ai.sessions.rules import NO_ARRIVAL, Arrival
from cognigy_ai.users.rules import Credentials
from kernel.db import Tx
from kernel.devices import device_of
from kernel.emails import email_key
from kernel.problems import ProblemCatalogue, ProblemError

EVENT = "login.refused"
HASHED_FOR = "audit/address"

ADDRESS_UNKNOWN = "address_unknown"
PASSWORD_WRONG = "password_wrong"  # noqa: S105 - a reason
PASSWORD_MISSING = "password_missing"  # noqa: S105 - a reason: the person has none
CURRENT_PASSWORD_WRONG = "current_password_wrong"  # noqa: S105 - a reason: asked on one's own pages
CODE_WRONG = "code_wrong"
CODES_LOCKED = "too_many_codes"
LOCKED = "locked"
OVERTAKEN = "overtaken"
USER_DISABLED = "user_disabled"
ORGANISATION_SUSPENDED = "organisation_suspended"

_BECAUSE: dict[ProblemCatalogue, str] = {
    Problem.TOO_MANY_ATTEMPTS: LOCKED,
    Problem.SIGN_IN_REFUSED: OVERTAKEN,
    Problem.SIGN_IN_OVER: OVERTAKEN,
}


def reason(who: Credentials, *, locked: bool) -> str:
    """Why this one was not let in; whether the password was right is not asked of everybody."""
    if who.user.suspended:
        return ORGANISATION_SUSPENDED
    if who.user.disabled:
        return USER_DISABLED
    if locked:
        return LOCKED
    return PASSWORD_WRONG if who.password_digest else PASSWORD_MISSING


async def record(tx: Tx, user_id: str, because: str, arrival: Arrival, now: int) -> None:
    """For the person's own history and the audit trail."""
    device = device_of(arrival.user_agent)
    facts = {"because": because, "browser": device.browser, "system": device.system}
    await audit.record(tx, EVENT, now, reference=arrival.reference, user_id=user_id, **facts)


async def record_unknown(
    tx: Tx, means: LoginMeans, email: str, because: str, arrival: Arrival, now: int
) -> None:
    """Nobody has the address where somebody asked for it."""
    device = device_of(arrival.user_agent)
    address = means.keyring.mac(HASHED_FOR, email_key(email))
    facts = {"because": because, "browser": device.browser, "system": device.system}
    await audit.record(tx, EVENT, now, reference=arrival.reference, **facts, address=address)


@asynccontextmanager
async def kept(
    means: LoginMeans, user_ids: Sequence[str], now: int, arrival: Arrival = NO_ARRIVAL
) -> AsyncIterator[None]:
    """A lock or a change in between refuses, and undoes what it was in: the event is kept."""
    try:
        yield
    except ProblemError as error:
        because = _BECAUSE.get(error.problem)
        if because is not None:
            async with means.database.transaction() as tx:
                for user_id in user_ids:
                    await record(tx, user_id, because, arrival, now)
        raise
