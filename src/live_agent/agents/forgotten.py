"""Whoever has forgotten the old password gets a mail, and nobody learns whether there is a user.

Each request counts for the address that was typed and for the network, whoever has the address
(DESIGN section 3 rule 7). Whoever has moved, or whose old login is closed, gets a mail that says so
and no link (lesson 73).
"""

from dataclasses import dataclass

from kernel import mail_limits
from kernel.db import Database
from kernel.keyring import KeyRing
from kernel.outbox import Outbox
from kernel.problems import ProblemError
from kernel.throttle import Locks
from live_agent.agents import actions as agents
from live_agent.agents import links
from live_agent.agents.actions import Credentials
from live_agent.problems import Problem

PURPOSE = "la/forgotten"


@dataclass(frozen=True, slots=True)
class MailMeans:
    """What mails that a stranger asks for are made with."""

    database: Database
    keyring: KeyRing
    locks: Locks
    outbox: Outbox


async def mail_links(means: MailMeans, email: str, client_address: str, now: int) -> None:
    """Mail the links, if there is somebody; nothing of it shows. Wake the courier after it.

    An address that had three mails in the hour gets no more, without a word. Raises
    TOO_MANY_ATTEMPTS for a network that asks too often.
    """
    locks, database, keyring = means.locks, means.database, means.keyring
    until = await mail_limits.count_asked(locks, database, keyring, PURPOSE, client_address, now)
    if until > now:
        raise ProblemError(Problem.TOO_MANY_ATTEMPTS, retry_after=until - now)
    if await mail_limits.count_mail(locks, database, keyring, PURPOSE, email, now) > now:
        return
    found = await agents.list_credentials(database, email)
    async with database.transaction() as tx:
        # Locked in one order by everybody.
        for one in sorted(found, key=lambda each: each.user.id):
            if not one.user.linked:
                await links.mail(tx, means.outbox, one.user, links.RESET, now, by="self")
        moved = {one.user.email: one for one in found if _has_no_password(one)}
        for one in moved.values():
            letter = links.letter_to(one.user, account=one.account_name)
            await means.outbox.add(tx, links.MOVED_ALREADY_LETTER, letter, now)


def _has_no_password(one: Credentials) -> bool:
    """Cognigy.AI is the only way in: the person has moved, or the old login was closed."""
    gone = one.user.linked or one.user.old_login_closed
    return gone and not one.user.disabled and not one.account_suspended
