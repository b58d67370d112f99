"""Whoever has forgotten the password gets a mail, and nobody learns whether there is an account.

Each request counts for the address that was typed and for the network that it came from, whether
or not anybody has the address (DESIGN section 3 rule 7).
"""

from dataclasses import dataclass

from cognigy_ai.problems import Problem
from cognigy_ai.users import actions as users
from cognigy_ai.users import links
from kernel import mail_limits
from kernel.db import Database
from kernel.keyring import KeyRing
from kernel.outbox import Outbox
from kernel.problems import ProblemError
from kernel.throttle import Locks


@dataclass(frozen=True, slots=True)
class MailMeans:
    """What mails that a stranger asks for are made with."""

    database: Database
    keyring: KeyRing
    locks: Locks
    outbox: Outbox


async def mail_links(
    means: MailMeans, email: str, organisation_id: str | None, client_address: str, now: int
) -> None:
    """Mail the links, if there is somebody; nothing of it shows. Wake the courier after it.

    An address that had three mails in the hour gets no more, without a word. Raises
    TOO_MANY_ATTEMPTS for a network that asks too often.
    """
    await check_network(means, "forgotten", client_address, now)
    if not await may_be_mailed(means, "forgotten", email, now):
        return
    found = await users.find_by_email(means.database, email, organisation_id)
    async with means.database.transaction() as tx:
        await links.send_resets(tx, means.outbox, [each.user for each in found], now)


async def check_network(means: MailMeans, purpose: str, client_address: str, now: int) -> None:
    """Count the request; raises TOO_MANY_ATTEMPTS if it was one too many."""
    until = await mail_limits.count_asked(
        means.locks, means.database, means.keyring, purpose, client_address, now
    )
    if until > now:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)


async def may_be_mailed(means: MailMeans, purpose: str, email: str, now: int) -> bool:
    """Count a mail to the address, whether or not anybody has it; False if it had its share."""
    until = await mail_limits.count_mail(
        means.locks, means.database, means.keyring, f"ai/mail/{purpose}", email, now
    )
    return until <= now
