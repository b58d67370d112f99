"""The kernel's features on the tables of Live Agent."""

from sqlalchemy import MetaData

from kernel.keyring import KeyRing
from kernel.outbox import Outbox
from kernel.throttle import Locks
from live_agent.db import tables


def locks() -> Locks:
    """Brute-force locks."""
    return Locks(tables.login_locks)


def outbox(keyring: KeyRing) -> Outbox:
    """Mails that wait to be sent; sealed, because they hold links."""
    return Outbox(tables.outbox, keyring)


def metadata() -> MetaData:
    """Every table, for a backup."""
    return tables.metadata
