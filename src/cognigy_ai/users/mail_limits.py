"""How many mails administrators may cause: to one address, and in one organisation."""

from dataclasses import dataclass

from cognigy_ai.problems import Problem
from kernel.db import Tx
from kernel.keyring import KeyRing
from kernel.mail_limits import HOUR, count_mail
from kernel.problems import ProblemError
from kernel.throttle import Limit, Locks

MAILS_OF_AN_ORGANISATION = Limit(free_failures=2000, ladder_seconds=(HOUR,), window_seconds=HOUR)
INVITATION, RESET, EMAIL_CHANGE = "invitation", "reset", "email_change"


@dataclass(frozen=True, slots=True)
class MailLimits:
    """Asked in the transaction that writes the mail: what is not sent does not count."""

    keyring: KeyRing
    locks: Locks

    async def count(self, tx: Tx, purpose: str, organisation_id: str, email: str, now: int) -> None:
        """One mail more. Raises ORGANISATION_MAILED_ENOUGH or ADDRESS_MAILED_ENOUGH."""
        limit = (_key(organisation_id), MAILS_OF_AN_ORGANISATION)
        until = await self.locks.record_failure(tx, [limit], now)
        if until > now:
            raise ProblemError(Problem.ORGANISATION_MAILED_ENOUGH, retry_after=until - now)
        until = await count_mail(self.locks, tx, self.keyring, f"ai/mail/{purpose}", email, now)
        if until > now:
            raise ProblemError(Problem.ADDRESS_MAILED_ENOUGH, retry_after=until - now)

    async def note_pause(self, db: Tx, organisation_id: str, now: int) -> int:
        """The organisation had its share: until when it waits."""
        limit = (_key(organisation_id), MAILS_OF_AN_ORGANISATION)
        return await self.locks.record_failure(db, [limit], now)

    async def find_pause(self, db: Tx, organisation_id: str) -> int:
        """Until when the organisation waits; a time that has passed, or 0, if it does not."""
        return await self.locks.find(db, [_key(organisation_id)])


def _key(organisation_id: str) -> str:
    return f"mails:{organisation_id}"
