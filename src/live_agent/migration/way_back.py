"""The way back: an administrator puts a moved user back to the old login (idea 11).

The old digest is gone for good, so that a link for a new password is mailed, to the address that
the user had when it moved: what the platform said since may be somebody else's.
"""

from dataclasses import dataclass

from kernel.db import Tx
from kernel.outbox import Outbox
from kernel.problems import ProblemError
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents import identities, links
from live_agent.agents.rules import User
from live_agent.audit import actions as audit
from live_agent.conflicts import actions as conflicts
from live_agent.conflicts.rules import Conflict, Dispute
from live_agent.ledger import actions as ledger
from live_agent.ledger.rules import Deed, Entry, How
from live_agent.migration import store
from live_agent.problems import Problem
from live_agent.sessions import actions as sessions
from live_agent.settings import Settings
from live_agent.subjects import actions as subjects

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Return:
    """Who is put back, why, and by whom: an administrator of the account, or None: the operator."""

    account_id: int
    user_id: str
    reason: str
    by: str | None
    block: bool  # the identity was the wrong person: it is rejected from now on
    reference: str


def open_until(user: User, settings: Settings) -> int | None:
    """When the way back ends; None for whoever did not move."""
    if not user.linked or user.moved_at is None:
        return None
    return user.moved_at + settings.way_back_days * DAY


async def put_back(tx: Tx, outbox: Outbox, wanted: Return, settings: Settings, now: int) -> None:
    """Undo the link and mail the way in, in one transaction. Wake the courier after it.

    Never oneself, and never the last administrator who gets in.
    """
    if wanted.by == wanted.user_id:
        raise ProblemError(Problem.OWN_USER, user_id=wanted.user_id)
    await accounts.lock(tx, wanted.account_id)
    user = await _held(tx, wanted, now)
    until = open_until(user, settings)
    if until is None or until <= now or user.disabled:
        raise ProblemError(Problem.WAY_BACK_CLOSED, user_id=user.id)
    await identities.check_not_last(tx, user)
    if not await identities.unlink(tx, user, now):
        raise ProblemError(Problem.WAY_BACK_CLOSED, user_id=user.id)
    ended = await sessions.end_of_user(tx, user.id, "put_back", now)
    await store.void_pending(tx, user.id, now)
    if wanted.block:
        await _block(tx, user, wanted, now)
    back = await agents.get(tx, user.account_id, user.id)
    assert back is not None
    if not await links.mail(tx, outbox, back, links.WAY_BACK, now, by=wanted.by or "operator"):
        raise ProblemError(Problem.WAY_BACK_CLOSED, user_id=user.id)  # the account is suspended
    await _write_down(tx, user, wanted, ended, now)


async def _held(tx: Tx, wanted: Return, now: int) -> User:
    """The user, with the row that a login of its identity locks first."""
    user = await agents.get(tx, wanted.account_id, wanted.user_id)
    if user is None:
        raise ProblemError(Problem.PAGE_NOT_FOUND, account_id=wanted.account_id)
    if user.issuer is None or user.subject is None:
        raise ProblemError(Problem.WAY_BACK_CLOSED, user_id=user.id)
    await subjects.note(tx, user.issuer, user.subject, None, now)
    held = await agents.get(tx, wanted.account_id, wanted.user_id)
    if held is None or (held.issuer, held.subject) != (user.issuer, user.subject):
        raise ProblemError(Problem.WAY_BACK_CLOSED, user_id=user.id)
    return held


async def _block(tx: Tx, user: User, wanted: Return, now: int) -> None:
    assert user.issuer is not None
    assert user.subject is not None
    dispute = Dispute(
        user.account_id,
        Conflict.PUT_BACK,
        user.issuer,
        user.subject,
        user.email,
        (user.id,),
        name=user.name,
        roles=user.roles,
    )
    await conflicts.reject(tx, dispute, wanted.reason, wanted.by, wanted.reference, now)


async def _write_down(tx: Tx, user: User, wanted: Return, ended: int, now: int) -> None:
    entry = Entry(
        account_id=user.account_id,
        user_id=user.id,
        deed=Deed.PUT_BACK,
        issuer=user.issuer or "",
        subject=user.subject or "",
        how=How.OPERATOR if wanted.by is None else How.ADMINISTRATOR,
        by_user_id=wanted.by,
        reference=wanted.reference,
        reason=wanted.reason,
    )
    await ledger.write(tx, entry, now)
    await audit.record(
        tx,
        "user.put_back",
        now,
        reference=wanted.reference,
        user_id=user.id,
        account_id=user.account_id,
        by=wanted.by or "operator",
        blocked=wanted.block,
        sessions_ended=ended,
    )
