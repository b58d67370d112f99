"""A person changes the old password in the profile: the present one is asked for and counted.

No digest is computed while a transaction is open. Every other session of the person ends.
"""

from dataclasses import dataclass, field

from kernel.doors import Door
from kernel.log import get_logger
from kernel.outbox import Outbox
from kernel.problems import ProblemError
from kernel.throttle import ACCOUNT, account_key, answer_no_earlier_than
from live_agent.agents import actions as agents
from live_agent.agents import links
from live_agent.audit import actions as audit
from live_agent.problems import Problem
from live_agent.sessions.old_password import Tools
from live_agent.sessions.rules import Session
from live_agent.sessions.store import sessions as store

log = get_logger(__name__)

OWN = "la/own-password"


@dataclass(frozen=True, slots=True)
class Change:
    """Who wants it, and what was typed; the new one is judged already."""

    session: Session
    current: str = field(repr=False)
    new: str = field(repr=False)
    reference: str


async def change(tools: Tools, outbox: Outbox, asked: Change, now: int, arrived: float) -> None:
    """Set the new password. Wake the courier after it.

    Raises CREDENTIALS_ELSEWHERE for whoever has moved, PASSWORD_REFUSED or TOO_MANY_ATTEMPTS for
    a wrong present one, always at the same time after the arrival.
    """
    session = asked.session
    if session.linked:
        raise ProblemError(Problem.CREDENTIALS_ELSEWHERE, user_id=session.user_id)
    try:
        digest_read = await _verified(tools, asked, now)
    except ProblemError:
        wait = tools.settings.password_refusal_milliseconds
        await answer_no_earlier_than(tools.clock, arrived, wait)
        raise
    digest = await tools.passwords.digest(asked.new)
    async with tools.database.transaction() as tx:
        # Moved, or changed elsewhere, since it was read.
        if not await agents.digest_is_still(tx, session.user_id, digest_read):
            raise ProblemError(Problem.PASSWORD_REFUSED, user_id=session.user_id)
        user = await agents.set_password(tx, session.account_id, session.user_id, digest, now)
        assert user is not None  # its row is locked
        await store.end_others(tx, session.user_id, session.fingerprint, now)
        letter = links.letter_to(user, account=session.account_name)
        await outbox.add(tx, links.PASSWORD_CHANGED_LETTER, letter, now)
        await tools.locks.forget(tx, [_door(tools, session).counted])
    log.info("password.changed", user_id=session.user_id, reference=asked.reference)


async def _verified(tools: Tools, asked: Change, now: int) -> str:
    """The digest that the present password fits."""
    session, door = asked.session, _door(tools, asked.session)
    _refuse_until(await door.locked_until(tools.locks, tools.database), now)
    digest = await agents.find_digest(tools.database, session.user_id)
    if await tools.passwords.matches(asked.current, digest) and digest is not None:
        return digest
    async with tools.database.transaction() as tx:
        until = await door.count_failure(tools.locks, tx, now)
        await audit.record(
            tx,
            "password_change.refused",
            now,
            reference=asked.reference,
            user_id=session.user_id,
            account_id=session.account_id,
        )
    _refuse_until(until, now)
    raise ProblemError(Problem.PASSWORD_REFUSED, user_id=session.user_id)


def _door(tools: Tools, session: Session) -> Door:
    """Counted for the person alone: whoever holds the session guesses no faster than others."""
    own = account_key(tools.keyring, OWN, session.user_id)
    return Door(((own, ACCOUNT),), (own,))


def _refuse_until(until: int, now: int) -> None:
    if until > now:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)
