"""A platform login enters its account: known, new, or an old user who moves (DESIGN section 3).

One transaction decides and does. A lost race rolls everything back and is decided afresh; it never
falls back to "the user with that address" (lesson 8).
"""

from collections.abc import Awaitable, Callable

from kernel.db import Database, Tx, UniqueViolation
from kernel.log import get_logger
from kernel.opaque import fingerprint
from kernel.problems import ProblemError
from live_agent.accounts import actions as accounts
from live_agent.accounts.rules import Account
from live_agent.agents import actions as agents
from live_agent.agents import directory
from live_agent.conflicts import actions as conflicts
from live_agent.migration import pending, settling, store
from live_agent.migration.arrival import Arrival, Entered, LinkNeeded, Overtaken, Tools
from live_agent.migration.pending import LINK_LETTER, PENDING_SECONDS, Mailing, Pending
from live_agent.migration.rules import PlatformLogin, Refusal
from live_agent.migration.settling import MOVED_LETTER
from live_agent.platform_people import actions as platform_people
from live_agent.problems import Problem
from live_agent.sessions.old_password import Proof

__all__ = [
    "LINK_LETTER",
    "MOVED_LETTER",
    "PENDING_SECONDS",
    "Entered",
    "LinkNeeded",
    "Mailing",
    "Pending",
    "PlatformLogin",
    "enter",
]

log = get_logger(__name__)

MOST_ATTEMPTS = 4

Prove = Callable[[Tx], Awaitable[bool]]


async def enter(  # noqa: PLR0913 - one login as it comes in
    tools: Tools,
    login: PlatformLogin,
    *,
    reference: str,
    target: str | None,
    user_agent: str,
    old_session_secret: str | None,
    now: int,
) -> Entered | LinkNeeded:
    """Let a person in; raises ProblemError with the reason why not."""
    arrival = Arrival(login, reference, target, user_agent, old_session_secret, now)
    return await _settle(tools, arrival, _nothing_to_prove)


async def complete_by_password(
    tools: Tools, waiting: Pending, proof: Proof, *, user_agent: str, now: int
) -> Entered:
    """The old password was right: go on with the login, if it is still, and nothing is locked."""

    async def prove(tx: Tx) -> bool:
        await proof.check_locks(tools.locks, tx, now)
        still = await agents.digest_is_still(tx, waiting.user_id, proof.digest)
        return still and await store.claim(tx, waiting.fingerprint, now)

    return await _complete(tools, waiting, prove, user_agent, by_mail=False, now=now)


async def complete_by_mail(
    tools: Tools, waiting: Pending, mail_secret: str, *, user_agent: str, now: int
) -> Entered:
    """The mailed link was opened in the browser in which the login began (lessons 17, 19)."""

    async def prove(tx: Tx) -> bool:
        return await store.claim_by_mail(tx, waiting.fingerprint, fingerprint(mail_secret), now)

    return await _complete(tools, waiting, prove, user_agent, by_mail=True, now=now)


async def find_pending(tools: Tools, secret: str | None, now: int) -> Pending | None:
    """The open proof of this browser."""
    return await pending.find(tools.database, tools.keyring, secret, now)


async def is_spent(tools: Tools, secret: str | None) -> bool:
    """Was there a proof of this browser, which was used, cancelled or replaced?"""
    return await pending.is_spent(tools.database, secret)


async def send_link(tools: Tools, waiting: Pending, language: str, now: int) -> Mailing:
    """Mail the link that proves the old address, or say why not."""
    return await pending.send_link(tools, waiting, language, now)


async def cancel(tools: Tools, waiting: Pending, now: int) -> None:
    """End the proof; the old user stays as it is."""
    await pending.cancel(tools.database, waiting, now)


async def delete_account(tx: Tx, account_id: int, now: int, *, by: str) -> Account | None:
    """An account with its people, their sessions, tokens and links, and its conflicts.

    None if it is unknown. A login under way ends as it would have begun: with no account.
    """
    account = await accounts.delete(tx, account_id, now, by=by)
    if account is not None:
        await directory.delete_of_account(tx, account_id)
        await platform_people.forget(tx, account_id)
        await conflicts.delete_of_account(tx, account_id)
    return account


async def void_pending(tx: Tx, user_id: str, now: int) -> None:
    """Proofs that are under way for the user."""
    await store.void_pending(tx, user_id, now)


async def prune(database: Tx | Database, now: int) -> int:
    """Remove expired proofs, spent states, and conflicts that were settled long ago."""
    return await store.prune(database, now) + await conflicts.prune(database, now)


async def _complete(
    tools: Tools, waiting: Pending, prove: Prove, user_agent: str, *, by_mail: bool, now: int
) -> Entered:
    arrival = Arrival(
        login=waiting.login,
        reference=waiting.reference,
        target=waiting.target,
        user_agent=user_agent,
        old_session_secret=None,
        now=now,
        proved_user_id=waiting.user_id,
        proved_by_mail=by_mail,
    )
    outcome = await _settle(tools, arrival, prove)
    if isinstance(outcome, LinkNeeded):
        # The proof is of another user than the one whom the address names by now.
        raise ProblemError(Problem.LINK_CONFIRMATION)
    return outcome


async def _settle(tools: Tools, arrival: Arrival, prove: Prove) -> Entered | LinkNeeded:
    for _ in range(MOST_ATTEMPTS):
        try:
            async with tools.database.transaction() as tx:
                if not await prove(tx):
                    raise ProblemError(Problem.LINK_CONFIRMATION)
                outcome = await settling.settle(tx, tools, arrival)
        except (UniqueViolation, Overtaken):
            log.info("login.overtaken", reference=arrival.reference)
            continue
        if isinstance(outcome, Refusal):  # after the commit: what the refusal wrote is kept
            organisation = arrival.login.organisation or "-"
            raise ProblemError(outcome.problem, organisation=organisation)
        if isinstance(outcome, Entered) and outcome.moved:
            tools.courier.wake()
        return outcome
    raise ProblemError(Problem.SERVER_BUSY, retry_after=1)


async def _nothing_to_prove(_tx: Tx) -> bool:
    return True
