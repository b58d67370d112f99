"""What a signal of a whole organisation ends, and what is recorded of sessions that ended."""

from kernel.db import Row, Tx
from live_agent.audit import actions as audit
from live_agent.signals import store
from live_agent.signals.rules.event import Signal


async def end_of_organisation(tx: Tx, signal: Signal, reference: str, now: int) -> bool:
    """Suspended: everything in its account. Signed out: what its people began by logging in there.

    False for what ends nobody's access, as when it is resumed: they log in when they want to.
    """
    if not signal.ends_organisation:
        return False
    assert signal.organisation is not None
    because = "organisation_suspended" if signal.suspends else "revoked"
    ending = store.Ending(because, reference, now, signal.changed_ms)
    if signal.suspends:
        ended = await store.end_access_of_organisation(
            tx, signal.organisation, begun_until=signal.issued_at, ending=ending
        )
    else:
        ended = await store.end_logins_of_organisation(
            tx, signal.issuer, signal.organisation, begun_until=signal.issued_at, ending=ending
        )
    await record_ended(tx, ended, ending)
    return True


async def record_ended(tx: Tx, ended: list[Row], ending: store.Ending) -> None:
    """One line for each person whose sessions ended."""
    for user_id in dict.fromkeys(row["user_id"] for row in ended):
        await audit.record(
            tx,
            "session.ended",
            ending.now,
            reference=ending.reference,
            user_id=user_id,
            because=ending.because,
        )
