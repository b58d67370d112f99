"""The second factor of somebody who is signed in: set up, moved, renewed, turned off.

The password is asked each time, and a code of the present factor where there is one: a browser
that somebody left open is not enough (ASVS 7.5.1).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from cognigy_ai.problems import Problem
from cognigy_ai.second_factors import actions as second_factors
from cognigy_ai.second_factors.actions import SEALED_FOR, Judge
from cognigy_ai.sessions import refusals
from cognigy_ai.sessions.means import LoginMeans
from cognigy_ai.sessions.passwords import check_proof, prove
from cognigy_ai.sessions.rules import NO_ARRIVAL
from cognigy_ai.users import logins
from cognigy_ai.users.rules import User
from kernel.db import Tx
from kernel.outbox import Outbox
from kernel.problems import ProblemError

T = TypeVar("T")
Deed = Callable[[Tx], Awaitable[T]]
NEW_CODE, PRESENT_CODE = "code", "present_code"


@dataclass(frozen=True, slots=True)
class Typed:
    """What proves that it is the person: `present` is a code of the factor that there is."""

    password: str = field(repr=False)
    present: str = field(default="", repr=False)


async def set_up(
    means: LoginMeans, outbox: Outbox, user: User, new: tuple[str, str], typed: Typed, now: int
) -> tuple[str, ...]:
    """Switch it on, or move it to another app; returns the recovery codes.

    `new` is the secret that was shown, and the first code of it. Raises CODE_WRONG (`field` says
    which), SIGN_IN_REFUSED, TOO_MANY_ATTEMPTS or TWO_STEP_CHANGED.
    """
    secret, first = new
    try:
        step = second_factors.check_first(secret, first, now)
    except ProblemError as error:
        raise ProblemError(error.problem, user_id=user.id, field=NEW_CODE) from None
    instead = await second_factors.find(means.database, user.id) is not None
    sealed = means.keyring.seal(SEALED_FOR, secret)

    async def deed(tx: Tx) -> tuple[str, ...]:
        return await second_factors.set_up(tx, outbox, user, (sealed, step), now, instead=instead)

    return await _proved(means, user, typed, deed, now, with_code=instead)


async def renew_codes(
    means: LoginMeans, outbox: Outbox, user: User, typed: Typed, now: int
) -> tuple[str, ...]:
    """Ten new recovery codes. Raises as `set_up`."""

    async def deed(tx: Tx) -> tuple[str, ...]:
        return await second_factors.renew_codes(tx, outbox, user, now)

    return await _proved(means, user, typed, deed, now)


async def turn_off(means: LoginMeans, outbox: Outbox, user: User, typed: Typed, now: int) -> None:
    """The password alone signs in again. Raises as `set_up`, and TWO_STEP_REQUIRED."""

    async def deed(tx: Tx) -> None:
        standing = await logins.find_standing(tx, user.id)
        if standing is not None and standing.two_step_required:
            raise ProblemError(Problem.TWO_STEP_REQUIRED, user_id=user.id)
        await second_factors.turn_off(tx, outbox, user, now)

    await _proved(means, user, typed, deed, now)


async def _proved(
    means: LoginMeans, user: User, typed: Typed, deed: Deed[T], now: int, *, with_code: bool = True
) -> T:
    """Do it once password and code are proved. A refused code is kept, so that it counts."""
    digest = await prove(means, user.id, typed.password, now)
    done: list[T] = []
    until = 0
    async with refusals.kept(means, [user.id], now), means.database.transaction() as tx:
        proved = not with_code
        if with_code:
            judge = Judge(means.keyring, means.locks)
            verdict = await second_factors.prove(tx, judge, user.id, typed.present, now)
            proved, until = verdict.method is not None, verdict.locked_until
        if proved:
            done.append(await deed(tx))
            await check_proof(tx, means, user.id, digest, now)
        else:
            because = refusals.CODES_LOCKED if until else refusals.CODE_WRONG
            await refusals.record(tx, user.id, because, NO_ARRIVAL, now)
    if done:
        return done[0]
    if until:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now, user_id=user.id)
    raise ProblemError(Problem.CODE_WRONG, user_id=user.id, field=PRESENT_CODE)
