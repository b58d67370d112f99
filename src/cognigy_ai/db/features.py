"""The kernel's features on the tables of the platform."""

from sqlalchemy import MetaData

from cognigy_ai.db import tables
from kernel.keyring import KeyRing
from kernel.outbox import Outbox
from kernel.throttle import Locks


def locks() -> Locks:
    """Brute-force locks."""
    return Locks(tables.login_locks)


def outbox(keyring: KeyRing) -> Outbox:
    """Mails that wait to be sent; sealed, because they hold links."""
    return Outbox(tables.outbox, keyring)


def metadata() -> MetaData:
    """Every table, for a backup."""
    return tables.metadata
