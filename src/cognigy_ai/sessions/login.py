"""Login with e-mail and password, and the change of a password: what both have in common.

Answers depend on what was typed and how often, never on whether the account exists, is disabled
or suspended (DESIGN section 3 rule 7): an unknown address counts, locks and takes as long as any
other. No digest is computed while a transaction is open.
"""

from dataclasses import dataclass

from cognigy_ai.problems import Problem
from cognigy_ai.sessions import rules
from cognigy_ai.sessions.rules import LoggedIn, LoginAttempt, Session
from cognigy_ai.sessions.start import start
from cognigy_ai.settings import Settings
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import Credentials, User
from kernel.clock import Clock
from kernel.db import Database, Tx
from kernel.doors import Door, Visitor
from kernel.keyring import KeyRing
from kernel.log import get_logger
from kernel.passwords import Passwords
from kernel.problems import ProblemError
from kernel.throttle import ACCOUNT, Locks, account_key, answer_no_earlier_than

log = get_logger(__name__)

SYSTEM = "ai"
PROFILE = "ai/profile"


@dataclass(frozen=True, slots=True)
class LoginMeans:
    """What a login is done with; made once by `build_app`."""

    settings: Settings
    database: Database
    clock: Clock
    keyring: KeyRing
    passwords: Passwords
    locks: Locks


@dataclass(frozen=True, slots=True)
class _Entry:
    """The way that this attempt takes in."""

    visitor: Visitor
    door: Door
    sole: bool  # exactly one user has the address, so that only its success forgets the failures


async def login(means: LoginMeans, attempt: LoginAttempt, now: int, arrived: float) -> LoggedIn:
    """Log a person in. `arrived`: the monotonic time at which the request came.

    Raises SIGN_IN_REFUSED, SEVERAL_ORGANISATIONS or TOO_MANY_ATTEMPTS (with `retry_after`), all
    of them at the same time after the arrival.
    """
    try:
        return await _login(means, attempt, now)
    except ProblemError:
        wait = means.settings.password_refusal_milliseconds
        await answer_no_earlier_than(means.clock, arrived, wait)
        raise


async def _login(means: LoginMeans, attempt: LoginAttempt, now: int) -> LoggedIn:
    # In all organisations, whichever is asked for: the lock of the address belongs to all of them.
    found = await users.find_by_email(means.database, attempt.email, None)
    visitor = Visitor.of(
        means.keyring, SYSTEM, attempt.email, attempt.known_browser, attempt.client_address, now
    )
    ids = [one.user.id for one in found]
    door, open_to = await visitor.door(means.locks, means.database, ids, now)
    await _check_locks(means, means.database, door, now)
    wanted = [one for one in found if one.user.id in open_to and _is_there(attempt, one.user)]
    fitting = await _fitting(means, attempt.password, wanted)
    if len(fitting) > 1:
        raise ProblemError(Problem.SEVERAL_ORGANISATIONS)
    if not fitting:
        reason = "password_wrong" if wanted else "address_unknown"
        log.info("login.refused", reason=reason, reference=attempt.reference)
        await _count_failure(means, door, now)
        raise ProblemError(Problem.SIGN_IN_REFUSED)
    return await _begin(means, attempt, _Entry(visitor, door, len(found) == 1), fitting[0], now)


def _is_there(attempt: LoginAttempt, user: User) -> bool:
    return attempt.organisation_id in (None, user.organisation_id)


async def _fitting(means: LoginMeans, password: str, found: list[Credentials]) -> list[Credentials]:
    """Those whom the password fits; one dummy is verified where there is nobody."""
    open_to = [one for one in found if one.user.may_log_in and one.password_digest]
    if not open_to:
        await means.passwords.matches(password, None)
        return []
    return [one for one in open_to if await means.passwords.matches(password, one.password_digest)]


async def _begin(
    means: LoginMeans, attempt: LoginAttempt, entry: _Entry, who: Credentials, now: int
) -> LoggedIn:
    """The password was right: the second transaction, which asks again."""
    user, digest_read = who.user, who.password_digest
    assert digest_read is not None
    digest = digest_read
    if means.passwords.is_outdated(digest_read):
        digest = await means.passwords.digest(attempt.password)
    settings = means.settings
    kept = attempt.keep_signed_in
    lifetime = settings.kept_session_lifetime_seconds if kept else settings.session_lifetime_seconds
    async with means.database.transaction() as tx:
        # A burst of guesses passed the first look together; the lock that it made holds here.
        await _check_locks(means, tx, entry.door, now)
        if not await users.note_login(tx, user.id, digest_read, digest, now):
            raise ProblemError(Problem.SIGN_IN_REFUSED, user_id=user.id, reason="overtaken")
        secret, session_id = await start(
            tx,
            user.id,
            rules.PASSWORD,
            lifetime,
            attempt.user_agent,
            now,
            old_secret=attempt.old_session,
        )
        if entry.sole:  # somebody else's password must not forget the guesses at this one's
            await means.locks.forget(tx, [entry.door.counted])
    session = Session(session_id, user, now, (rules.PASSWORD,), now + lifetime)
    log.info("login.done", user_id=user.id, reference=attempt.reference)
    known = entry.visitor.remembering(user.id, now)
    return LoggedIn(secret, session, lifetime, kept, known)


async def _check_locks(means: LoginMeans, db: Tx, door: Door, now: int) -> None:
    until = await door.locked_until(means.locks, db)
    if until > now:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)


async def _count_failure(means: LoginMeans, door: Door, now: int) -> None:
    """Raises TOO_MANY_ATTEMPTS if this was the failure that locks."""
    until = await door.count_failure(means.locks, means.database, now)
    if until > now:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)


async def change_password(
    means: LoginMeans, session: Session, current: str, new: str, now: int
) -> None:
    """Set a new password; the current one is asked, and wrong ones are counted.

    Other sessions of the person end, with what was granted in them. The caller has judged the new
    one. Raises SIGN_IN_REFUSED or TOO_MANY_ATTEMPTS.
    """
    user: User = session.user
    key = account_key(means.keyring, PROFILE, user.id)
    door = Door(((key, ACCOUNT),), (key,))
    await _check_locks(means, means.database, door, now)
    digest_read = await users.find_digest(means.database, user.id)
    if not await means.passwords.matches(current, digest_read):
        await _count_failure(means, door, now)
        raise ProblemError(Problem.SIGN_IN_REFUSED, user_id=user.id, reason="current_password")
    assert digest_read is not None
    digest = await means.passwords.digest(new)
    async with means.database.transaction() as tx:
        await _check_locks(means, tx, door, now)  # as in `_begin`: a burst passed the first look
        changed = await users.change_password(tx, user, digest, digest_read, now, session.id)
        if changed:
            await means.locks.forget(tx, [key])
    if not changed:
        raise ProblemError(Problem.SIGN_IN_REFUSED, user_id=user.id, reason="overtaken")
