"""Going on after the database was put back to an earlier moment, which others outlived.

Receivers remember the highest `access_revision` that they were told and believe nothing older. What
was reached after the backup is not known here: so revisions go on at the time in seconds, because
nobody's access has ever changed more often than once a second.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Table, Update, case, literal, update

from cognigy_ai.db.tables import signals, users
from kernel.db import Tx

_WAITING = "waiting"


def statements(now: int) -> Sequence[Update]:
    """For everybody; what waits to be told is told with a revision that is believed, too."""
    return (
        _raised(users, now),
        _raised(signals, now).where(
            signals.c.state == _WAITING, signals.c.access_revision.is_not(None)
        ),
    )


async def raise_revisions(tx: Tx, now: int) -> None:
    """Running it twice, or without need, does no harm: it raises and never lowers."""
    for statement in statements(now):
        await tx.one(statement)


def _raised(table: Table, now: int) -> Update:
    revision, least = table.c.access_revision, literal(now, BigInteger)
    raised = case((revision < least, least), else_=revision + 1)
    return update(table).values(access_revision=raised)
