"""How delivery stands, sending something again, and forgetting what is long settled."""

from dataclasses import dataclass

from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.signals import store
from cognigy_ai.signals.rules import Signal
from kernel.db import Row, Tx
from kernel.log import get_logger
from kernel.opaque import new_id
from kernel.problems import ProblemError

log = get_logger(__name__)

DAY_SECONDS = 86_400
KEPT_DAYS = 30
LIVE_AGENT = store.LIVE_AGENT
WAITING = store.WAITING


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it stands with one receiver. Times of changes that were not delivered, or None."""

    receiver: str
    delivered_at: int | None
    waiting: int
    waiting_since: int | None
    failing_since: int | None
    refused: int
    reason: str | None

    @property
    def is_failing(self) -> bool:
        return self.failing_since is not None


async def list_(
    db: Tx,
    *,
    state: str = "",
    user_id: str = "",
    organisation_id: str = "",
    signal_id: str = "",
    most: int = 100,
) -> list[Signal]:
    """The newest first."""
    chosen = {"wanted": state, "user": user_id, "organisation": organisation_id, "id": signal_id}
    return await store.list_signals(db, chosen, most)


async def list_deliveries(db: Tx, organisation_id: str = "") -> list[Delivery]:
    """One for each receiver that was ever told something, in one organisation or in all."""
    return [
        await _delivery(db, row, organisation_id)
        for row in await store.summarise(db, organisation_id)
    ]


async def find_delivery(db: Tx, organisation_id: str) -> Delivery | None:
    """How it stands with Live Agent; None if it was never told anything there."""
    found = await list_deliveries(db, organisation_id)
    return next((one for one in found if one.receiver == LIVE_AGENT), None)


async def is_failing(db: Tx, organisation_id: str) -> bool:
    """Are there changes that Live Agent was told in vain, so far?"""
    return await store.is_failing(db, organisation_id)


async def replay(tx: Tx, signal_id: str, now: int) -> str:
    """Send it once more: at once if it waits, else under a new id. Raises SIGNAL_UNKNOWN."""
    again = await store.repeat(tx, signal_id, new_id("ev_"), now)
    if again is None:
        raise ProblemError(Problem.SIGNAL_UNKNOWN, signal=signal_id)
    tx.tell(WAITING)
    await audit.record(
        tx,
        "signal.replayed",
        now,
        user_id=again["user_id"],
        organisation_id=again["organisation_id"],
        signal=signal_id,
        again=again["id"],
    )
    return str(again["id"])


async def prune(db: Tx, now: int) -> int:
    """Give up what nobody took for 30 days, and forget what was settled so long ago."""
    before = now - KEPT_DAYS * DAY_SECONDS
    for row in await store.give_up(db, before, now):
        log.error("signals.given_up", signal=row["id"], receiver=row["receiver"])
    return await store.prune(db, before)


async def _delivery(db: Tx, row: Row, organisation_id: str) -> Delivery:
    troubled = row["failing_since"] is not None or row["refused"]
    reason = None
    if troubled:
        reason = await store.find_last_error(db, row["receiver"], organisation_id)
    return Delivery(
        receiver=row["receiver"],
        delivered_at=row["delivered_at"],
        waiting=row["waiting"],
        waiting_since=row["waiting_since"],
        failing_since=row["failing_since"],
        refused=row["refused"],
        reason=reason,
    )
