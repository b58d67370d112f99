"""The highest `access_revision` of each person, known here or not (DESIGN section 3 rule 6)."""

from kernel.db import Tx
from live_agent.subjects import store


async def note(tx: Tx, issuer: str, subject: str, access_revision: int | None, now: int) -> int:
    """Note what a login or a signal says; returns the highest said so far.

    The row is locked until the transaction ends: of a login and a signal that meet, one waits for
    the other and sees what it did. Higher than `access_revision`: what comes now was overtaken.
    """
    return await store.note(tx, issuer, subject, access_revision or 0, now)
