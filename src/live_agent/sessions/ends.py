"""How long it took from a change at the platform until the last session and page were out."""

from dataclasses import dataclass

from kernel.db import Database, Tx
from kernel.log import get_logger
from kernel.metrics import Metrics, histogram
from live_agent.sessions.store import ends as store

log = get_logger(__name__)

ACCESS_END = histogram(
    "access_end_seconds",
    "From a change at the platform, by its clock, until the last session had ended "
    "(`sessions`, once a signal) and until an open page was told (`pages`).",
    "until",
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0, 300.0, 3600.0),
)
SESSIONS, PAGES = "sessions", "pages"
DAY_SECONDS = 24 * 3600
SOON_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Slowest:
    """Of the ends of access in a day: how long the slowest took, and how many there were."""

    milliseconds: int
    number: int


async def note_ended(
    database: Database, metrics: Metrics, reference: str, changed_ms: int, at_ms: int
) -> None:
    """After the commit of a signal: what it ended is out, as far as no page was open."""
    since = at_ms // 1000 - SOON_SECONDS
    number = await store.note_ended(database, reference, changed_ms, since, at_ms)
    if number:
        seconds = _seconds(at_ms, changed_ms)
        metrics.observe(ACCESS_END, seconds, SESSIONS)
        log.info("access.ended", sessions=number, seconds=seconds, reference=reference)


async def note_told(
    database: Database, metrics: Metrics, fingerprints: list[str], at_ms: int
) -> None:
    """Pages of these sessions were open, and have been told."""
    for changed in await store.note_told(database, fingerprints, at_ms):
        seconds = _seconds(at_ms, changed)
        metrics.observe(ACCESS_END, seconds, PAGES)
        log.info("access.page_told", seconds=seconds)


async def find_slowest(db: Tx, account_id: int, now: int) -> Slowest | None:
    """Of the last day; None if no signal ended anything."""
    row = await store.slowest(db, account_id, now - DAY_SECONDS)
    if row["slowest"] is None:
        return None
    return Slowest(max(int(row["slowest"]), 0), row["number"])


def _seconds(at_ms: int, changed_ms: int) -> float:
    """Clocks differ: nothing is out before it was changed."""
    return max(at_ms - changed_ms, 0) / 1000
