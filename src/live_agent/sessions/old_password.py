"""An old password is checked: at /old-login, and to prove an old user before its move.

Answers depend on what was typed and how often, never on whether the user exists, has moved, is
disabled or not confirmed (DESIGN section 3 rule 7): an unknown address counts, locks and takes as
long as any other. No digest is computed while a transaction is open.
"""

from dataclasses import dataclass, field
from typing import Protocol

from kernel.clock import Clock
from kernel.db import Database, Tx
from kernel.doors import Door, Visitor
from kernel.keyring import KeyRing
from kernel.log import get_logger
from kernel.passwords import Passwords
from kernel.problems import ProblemError
from kernel.throttle import ACCOUNT, NETWORK, Locks, account_key, answer_no_earlier_than
from live_agent.agents import actions as agents
from live_agent.agents.actions import Credentials
from live_agent.audit import actions as audit
from live_agent.problems import Problem
from live_agent.sessions import actions as sessions
from live_agent.settings import Settings

log = get_logger(__name__)

SYSTEM = "la"
PROOF = "la/proof"


class Tools(Protocol):
    """What of the application's state is needed here."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def keyring(self) -> KeyRing: ...
    @property
    def passwords(self) -> Passwords: ...
    @property
    def locks(self) -> Locks: ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was typed, and where."""

    email: str
    password: str = field(repr=False)
    client_address: str
    known_browser: str | None = field(repr=False)
    user_agent: str
    reference: str
    account_id: int | None = None  # chosen by a person whose password fits in several accounts
    old_session_secret: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The two cookies, and where the person belongs."""

    session_secret: str = field(repr=False)
    known_browser: str = field(repr=False)
    account_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class SeveralAccounts:
    """The password fits in more than one account: (number, name) of each."""

    accounts: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """The digest that the old password fits, and the door by which it was tried."""

    digest: str = field(repr=False)
    door: Door

    async def check_locks(self, locks: Locks, tx: Tx, now: int) -> None:
        """A burst of guesses passed the first look together; the lock that it made holds here."""
        _refuse_until(await self.door.locked_until(locks, tx), now)


@dataclass(frozen=True, slots=True)
class _Entry:
    """The way that this attempt takes in."""

    visitor: Visitor
    door: Door
    sole: bool  # exactly one user has the address, so that only its success forgets the failures


async def log_in(
    tools: Tools, attempt: Attempt, now: int, arrived: float
) -> LoggedIn | SeveralAccounts:
    """Log an old user in. `arrived`: the monotonic time at which the request came.

    Raises PASSWORD_REFUSED, or TOO_MANY_ATTEMPTS with `retry_after`, always at the same time
    after the arrival.
    """
    try:
        return await _log_in(tools, attempt, now)
    except ProblemError:
        wait = tools.settings.password_refusal_milliseconds
        await answer_no_earlier_than(tools.clock, arrived, wait)
        raise


async def prove(
    tools: Tools,
    attempt: Attempt,
    identity: tuple[str, str],
    user_id: str,
    now: int,
    arrived: float,
) -> Proof:
    """The password of that very user fits; counted and refused as a login is.

    Counted for the identity (issuer, subject) that asks: it cannot lock the old user's own login.
    """
    try:
        door = _proof_door(tools, attempt, identity, user_id, now)
        await _check_locks(tools, tools.database, door, now)
        digest = await agents.find_digest(tools.database, user_id)
        if not await tools.passwords.matches(attempt.password, digest) or digest is None:
            await _count_failure(tools, attempt, door, "proof", now)
            raise ProblemError(Problem.PASSWORD_REFUSED)
    except ProblemError:
        wait = tools.settings.password_refusal_milliseconds
        await answer_no_earlier_than(tools.clock, arrived, wait)
        raise
    return Proof(digest, door)


async def _log_in(tools: Tools, attempt: Attempt, now: int) -> LoggedIn | SeveralAccounts:
    found = await agents.list_credentials(tools.database, attempt.email)
    visitor = _visitor(tools, attempt, now)
    ids = [one.user.id for one in found]
    door, open_to = await visitor.door(tools.locks, tools.database, ids, now)
    await _check_locks(tools, tools.database, door, now)
    wanted = [one for one in found if one.user.id in open_to]
    fitting = await _fitting(tools, attempt.password, wanted, now)
    if len(fitting) > 1 and attempt.account_id is not None:
        fitting = [one for one in fitting if one.user.account_id == attempt.account_id]
    if len(fitting) > 1:
        return SeveralAccounts(tuple((one.user.account_id, one.account_name) for one in fitting))
    if not fitting:
        await _count_failure(tools, attempt, door, _reason(found), now)
        raise ProblemError(Problem.PASSWORD_REFUSED)
    return await _begin(tools, attempt, _Entry(visitor, door, len(found) == 1), fitting[0], now)


async def _fitting(
    tools: Tools, password: str, found: list[Credentials], now: int
) -> list[Credentials]:
    """Those whom the password fits; a refusal costs the same work where there is nobody."""

    async def ask() -> int | None:
        return await agents.find_bcrypt_cost(tools.database)

    bcrypt_cost = await tools.passwords.bcrypt_cost(ask, now)
    open_to = [one for one in found if one.refusal is None and one.digest]
    fitting = [one for one in open_to if await tools.passwords.matches(password, one.digest)]
    if not fitting:
        verified = [one.digest for one in open_to if one.digest]
        await tools.passwords.even_out(password, verified, bcrypt_cost)
    return fitting


async def _begin(
    tools: Tools, attempt: Attempt, entry: _Entry, who: Credentials, now: int
) -> LoggedIn:
    """The password was right: the second transaction, which asks again."""
    user, digest_read = who.user, who.digest
    assert digest_read is not None
    digest = digest_read
    if tools.passwords.is_outdated(digest_read):
        digest = await tools.passwords.digest(attempt.password)
    begun = sessions.Start(
        user.id, user.account_id, "old", tools.settings.auth_token_lifespan, attempt.user_agent
    )
    async with tools.database.transaction() as tx:
        # A burst of guesses passed the first look together; the lock that it made holds here.
        await _check_locks(tools, tx, entry.door, now)
        if not await agents.claim_old_login(tx, user.id, digest_read, digest, now):
            # Moved, disabled or changed since it was read.
            raise ProblemError(Problem.PASSWORD_REFUSED, user_id=user.id, reason="overtaken")
        secret = await sessions.start(tx, tools.keyring, begun, attempt.old_session_secret, now)
        if entry.sole:  # somebody else's password must not forget the guesses at this one's
            await tools.locks.forget(tx, [entry.door.counted])
        audit.set_actor(audit.Actor(audit.USER, user.id))
        await audit.record(
            tx,
            "login.succeeded",
            now,
            reference=attempt.reference,
            user_id=user.id,
            account_id=user.account_id,
            method="old",
        )
    log.info("old_login.done", user_id=user.id, reference=attempt.reference)
    return LoggedIn(secret, entry.visitor.remembering(user.id, now), user.account_id, user.id)


def _reason(found: list[Credentials]) -> str:
    """For the audit trail and the log alone."""
    if not found:
        return "unknown"
    refusals = [one.refusal for one in found]
    return "password" if None in refusals else str(refusals[0])


def _visitor(tools: Tools, attempt: Attempt, now: int) -> Visitor:
    known, client = attempt.known_browser, attempt.client_address
    return Visitor.of(tools.keyring, SYSTEM, attempt.email, known, client, now)


def _proof_door(
    tools: Tools, attempt: Attempt, identity: tuple[str, str], user_id: str, now: int
) -> Door:
    visitor = _visitor(tools, attempt, now)
    own = account_key(tools.keyring, PROOF, "\0".join((*identity, user_id)))
    held_by = (own,) if visitor.knows(user_id) else (own, visitor.network)
    return Door(((own, ACCOUNT), (visitor.network, NETWORK)), held_by)


async def _check_locks(tools: Tools, db: Tx, door: Door, now: int) -> None:
    _refuse_until(await door.locked_until(tools.locks, db), now)


def _refuse_until(until: int, now: int) -> None:
    if until > now:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)


async def _count_failure(tools: Tools, attempt: Attempt, door: Door, reason: str, now: int) -> None:
    """Count it and note why; raises TOO_MANY_ATTEMPTS if this was the failure that locks."""
    async with tools.database.transaction() as tx:
        until = await door.count_failure(tools.locks, tx, now)
        await audit.record(tx, "old_login.refused", now, reference=attempt.reference, reason=reason)
    log.info("old_login.refused", reason=reason, reference=attempt.reference)
    _refuse_until(until, now)
