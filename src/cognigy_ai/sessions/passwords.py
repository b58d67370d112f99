"""Whoever is signed in types the password once more, for what a stolen browser must not do.

Wrong passwords are counted for the person, beside those of the login page.
"""

from cognigy_ai.problems import Problem
from cognigy_ai.sessions import refusals
from cognigy_ai.sessions.means import LoginMeans
from cognigy_ai.sessions.rules import NO_ARRIVAL, Session
from cognigy_ai.users import actions as users
from cognigy_ai.users import passwords
from cognigy_ai.users.passwords import NewPassword
from kernel.db import Tx
from kernel.doors import Door
from kernel.outbox import Outbox
from kernel.problems import ProblemError
from kernel.throttle import ACCOUNT, account_key

PROFILE = "ai/profile"


async def prove(means: LoginMeans, user_id: str, password: str, now: int) -> str:
    """The digest that the password was compared with; `check_proof` asks for it again.

    Raises SIGN_IN_REFUSED or TOO_MANY_ATTEMPTS.
    """
    door = _door(means, user_id)
    async with refusals.kept(means, [user_id], now):
        await _check_lock(means, means.database, door, now)
    digest = await users.find_digest(means.database, user_id)
    if not await means.passwords.matches(password, digest):
        async with means.database.transaction() as tx:
            until = await door.count_failure(means.locks, tx, now)
            await refusals.record(tx, user_id, refusals.CURRENT_PASSWORD_WRONG, NO_ARRIVAL, now)
        if until > now:
            raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)
        raise ProblemError(Problem.SIGN_IN_REFUSED, user_id=user_id, reason="current_password")
    assert digest is not None
    return digest


async def check_proof(tx: Tx, means: LoginMeans, user_id: str, digest: str, now: int) -> None:
    """In the transaction of what was proved for: a burst of guesses passed the first look.

    The password is still the same, and nobody is locked by now; then failures are forgotten. Best
    as the last statement of it, when the person's row is locked. The transaction stands in
    `refusals.kept`, so that what undoes it is told.
    Raises SIGN_IN_REFUSED or TOO_MANY_ATTEMPTS.
    """
    door = _door(means, user_id)
    await _check_lock(means, tx, door, now)
    if await users.find_digest(tx, user_id) != digest:
        raise ProblemError(Problem.SIGN_IN_REFUSED, user_id=user_id, reason="overtaken")
    await means.locks.forget(tx, [door.counted])


async def change_password(
    means: LoginMeans, outbox: Outbox, session: Session, current: str, new: NewPassword, now: int
) -> None:
    """Set a new password; the current one is asked, and wrong ones are counted.

    Other sessions of the person end, with what was granted in them; the person is told by mail.
    The caller has judged the new one. Raises SIGN_IN_REFUSED, TOO_MANY_ATTEMPTS or POLICY_CHANGED.
    """
    user = session.user
    digest_read = await prove(means, user.id, current, now)
    digest = await means.passwords.digest(new.text)
    async with refusals.kept(means, [user.id], now), means.database.transaction() as tx:
        await passwords.check_policy(tx, user.organisation_id, new.policy)
        await check_proof(tx, means, user.id, digest_read, now)
        if not await users.change_password(tx, user, digest, digest_read, now, session.id):
            raise ProblemError(Problem.SIGN_IN_REFUSED, user_id=user.id, reason="overtaken")
        await passwords.tell_of_change(tx, outbox, user, now)


def _door(means: LoginMeans, user_id: str) -> Door:
    key = account_key(means.keyring, PROFILE, user_id)
    return Door(((key, ACCOUNT),), (key,))


async def _check_lock(means: LoginMeans, db: Tx, door: Door, now: int) -> None:
    until = await door.locked_until(means.locks, db)
    if until > now:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)
