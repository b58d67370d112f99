"""How many mails a stranger can cause: to one address, and from one network.

Each request counts for the address that was typed and for the network that it came from, whether
or not anybody has the address (DESIGN section 3 rule 7).
"""

from kernel.db import Tx
from kernel.emails import email_key
from kernel.keyring import KeyRing
from kernel.throttle import Limit, Locks, account_key, network_key

HOUR = 3600
MAILS_AN_HOUR = Limit(free_failures=3, ladder_seconds=(HOUR,), window_seconds=HOUR)
ASKED_AN_HOUR = Limit(free_failures=10, ladder_seconds=(HOUR,), window_seconds=HOUR)


async def count_asked(
    locks: Locks, db: Tx, keyring: KeyRing, purpose: str, client_address: str, now: int
) -> int:
    """Count a request of that network; until when it waits, if it was one too many."""
    key = f"{purpose}:{network_key(keyring, client_address)}"
    return await locks.record_failure(db, [(key, ASKED_AN_HOUR)], now)


async def count_mail(
    locks: Locks, db: Tx, keyring: KeyRing, purpose: str, email: str, now: int
) -> int:
    """Count a mail to the address; until when it gets none, if it had its share."""
    key = account_key(keyring, purpose, email_key(email))
    return await locks.record_failure(db, [(key, MAILS_AN_HOUR)], now)
