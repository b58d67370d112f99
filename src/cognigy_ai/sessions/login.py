"""Login with e-mail and password: who is let in, and that refusals tell nothing.

Answers depend on what was typed and how often, never on whether the account exists, is disabled
or suspended (DESIGN section 3 rule 7): an unknown address counts, locks and takes as long as any
other. No digest is computed while a transaction is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cognigy_ai.problems import Problem
from cognigy_ai.sessions import refusals
from cognigy_ai.sessions.admission import Proved, admit
from cognigy_ai.sessions.means import SYSTEM, LoginMeans
from cognigy_ai.sessions.rules import LoggedIn, LoginAttempt
from cognigy_ai.sessions.steps import Entry
from cognigy_ai.users import actions as users
from cognigy_ai.users import logins
from cognigy_ai.users.rules import Credentials, User
from cognigy_ai.users.standing import Guessed
from kernel.db import Tx
from kernel.doors import Door, Visitor
from kernel.log import get_logger
from kernel.opaque import new_id
from kernel.problems import ProblemError
from kernel.throttle import answer_no_earlier_than

__all__ = ["LoginMeans", "login"]

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Way:
    """The way that this attempt takes in."""

    door: Door
    sole: bool  # exactly one user has the address, so that only its success forgets the failures


@dataclass(frozen=True, slots=True)
class _Refused:
    """An attempt that leads to nobody, and whom it was about; `open_to`: who was not locked."""

    attempt: LoginAttempt
    tried: Sequence[Credentials]
    open_to: Sequence[str]
    without_anybody: str  # the reason where nobody has the address


async def login(
    means: LoginMeans, attempt: LoginAttempt, now: int, arrived: float
) -> LoggedIn | Entry:
    """Log a person in, or as far as the password leads: see `steps` for what may be due then.

    `arrived`: the monotonic time at which the request came. Raises SIGN_IN_REFUSED or
    TOO_MANY_ATTEMPTS (with `retry_after`), both of them at the same time after the arrival.
    """
    try:
        return await _login(means, attempt, now)
    except ProblemError:
        wait = means.settings.password_refusal_milliseconds
        await answer_no_earlier_than(means.clock, arrived, wait)
        raise


async def _login(means: LoginMeans, attempt: LoginAttempt, now: int) -> LoggedIn | Entry:
    # In all organisations, whichever is asked for: the lock of the address belongs to all of them.
    found = await users.find_by_email(means.database, attempt.email, None)
    visitor = Visitor.of(
        means.keyring, SYSTEM, attempt.email, attempt.known_browser, attempt.client_address, now
    )
    ids = [one.user.id for one in found]
    door, open_to = await visitor.door(means.locks, means.database, ids, now)
    tried = [one for one in found if _is_there(attempt, one.user)]
    try:
        await _check_locks(means, means.database, door, now)
    except ProblemError:
        refused = _Refused(attempt, tried, (), refusals.LOCKED)
        async with means.database.transaction() as tx:
            await _record(tx, means, refused, now)
        raise
    wanted = [one for one in tried if one.user.id in open_to]
    fitting = await _fitting(means, attempt.password, wanted, now)
    if not fitting:
        reason = refusals.PASSWORD_WRONG if wanted else refusals.ADDRESS_UNKNOWN
        log.info("login.refused", reason=reason, reference=attempt.reference)
        refused = _Refused(attempt, tried, open_to, refusals.ADDRESS_UNKNOWN)
        await _count_failure(means, door, refused, now)
        raise ProblemError(Problem.SIGN_IN_REFUSED)
    proved = [await _proved(means, attempt, one) for one in fitting]
    return await _enter(means, attempt, _Way(door, len(found) == 1), proved, now)


def _is_there(attempt: LoginAttempt, user: User) -> bool:
    return attempt.organisation_id in (None, user.organisation_id)


async def _fitting(
    means: LoginMeans, password: str, found: list[Credentials], now: int
) -> list[Credentials]:
    """Those whom the password fits; a refusal costs the same work where there is nobody."""

    async def ask() -> int | None:
        return await users.find_bcrypt_cost(means.database)

    bcrypt_cost = await means.passwords.bcrypt_cost(ask, now)
    open_to = [one for one in found if one.user.may_log_in and one.password_digest]
    fitting = [
        one for one in open_to if await means.passwords.matches(password, one.password_digest)
    ]
    if not fitting:
        verified = [one.password_digest for one in open_to if one.password_digest]
        await means.passwords.even_out(password, verified, bcrypt_cost)
    return fitting


async def _proved(means: LoginMeans, attempt: LoginAttempt, who: Credentials) -> Proved:
    """The password was right; a digest of an old kind is made anew with it."""
    digest_read = digest = who.password_digest
    assert digest_read is not None
    if means.passwords.is_outdated(digest_read):
        digest = await means.passwords.digest(attempt.password)
    assert digest is not None
    return Proved(who.user, digest_read, digest)


async def _enter(
    means: LoginMeans, attempt: LoginAttempt, way: _Way, proved: list[Proved], now: int
) -> LoggedIn | Entry:
    """The second transaction, which asks again."""
    candidates = tuple(one.candidate for one in proved)
    entry = Entry(candidates, attempt.keep_signed_in, began_at=now, nonce=new_id())
    done: LoggedIn | Entry | None = entry
    ids = [one.user.id for one in proved]
    kept = refusals.kept(means, ids, now, attempt.arrival)
    async with kept, means.database.transaction() as tx:
        # A burst of guesses passed the first look together; the lock that it made holds here.
        await _check_locks(means, tx, way.door, now)
        if len(proved) == 1:
            done = await admit(tx, means, entry, proved[0], attempt.arrival, now)
        else:  # which of them is asked next; whoever was overtaken is found out then
            for one in proved:
                await logins.note_password(tx, one.user.id, one.digest_read, one.digest)
        if done is None:
            raise ProblemError(Problem.SIGN_IN_REFUSED, user_id=ids[0], reason="overtaken")
        if way.sole:  # somebody else's password must not forget the guesses at this one's
            await means.locks.forget(tx, [way.door.counted])
    return done


async def _check_locks(means: LoginMeans, db: Tx, door: Door, now: int) -> None:
    until = await door.locked_until(means.locks, db)
    if until > now:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)


async def _count_failure(means: LoginMeans, door: Door, refused: _Refused, now: int) -> None:
    """Raises TOO_MANY_ATTEMPTS if this was the failure that locks."""
    attempt = refused.attempt
    async with means.database.transaction() as tx:
        until = await door.count_failure(means.locks, tx, now)
        guessed = await logins.count_failure(tx, attempt.email, attempt.organisation_id)
        await _record(tx, means, refused, now)
    await _disable_guessed(means, guessed, now)
    if until > now:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)


async def _record(tx: Tx, means: LoginMeans, refused: _Refused, now: int) -> None:
    """One event for everybody whom the attempt was about, and one where that is nobody."""
    attempt = refused.attempt
    for who in refused.tried:
        because = refusals.reason(who, locked=who.user.id not in refused.open_to)
        await refusals.record(tx, who.user.id, because, attempt.arrival, now)
    if not refused.tried:
        because, arrival = refused.without_anybody, attempt.arrival
        await refusals.record_unknown(tx, means, attempt.email, because, arrival, now)


async def _disable_guessed(means: LoginMeans, guessed: list[Guessed], now: int) -> None:
    """Where the organisation's policy asks for it; the visitor is told nothing of it."""
    for who in guessed:
        if logins.is_to_be_disabled(who):
            async with means.database.transaction() as tx:
                disabled = await logins.disable_guessed(tx, who, now)
            log.warning("login.user_disabled", user_id=who.user_id, done=disabled)
