"""SQL for the seals: made once, read in order; at most one process seals at a time."""

from sqlalchemy import (
    BigInteger,
    Integer,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from cognigy_ai.audit.chain import Seal
from cognigy_ai.db.tables import audit_events, audit_seals
from kernel.db import Row, Tx
from kernel.upsert import upsert

e, c = audit_events.c, audit_seals.c
_most = bindparam("most", type_=Integer)
_number = bindparam("number", type_=BigInteger)
_after = bindparam("after", type_=BigInteger)

LAST = select(audit_seals).order_by(c.number.desc()).limit(1)
FIND = select(audit_seals).where(c.number == _number)
LIST = select(audit_seals).where(c.number > _after).order_by(c.number).limit(_most)
WAITING = select(e.id).where(e.position.is_(None)).limit(1)
UNSEALED = select(func.count().label("number")).where(e.position.is_(None))
# Another process that wants the same number waits here for the first one's commit.
CLAIM = (
    upsert(audit_seals)
    .values(
        number=_number,
        first_position=0,
        last_position=0,
        events=0,
        newest_at=0,
        sealed_at=0,
        hash="",
    )
    .on_conflict_do_nothing(index_elements=[c.number])
    .returning(c.number)
)
_next = (
    select(
        e.id,
        (_after + func.row_number().over(order_by=(e.at, e.id))).label("place"),
    )
    .where(e.position.is_(None))
    .order_by(e.at, e.id)
    .limit(_most)
    .cte("next")
)
PLACE = (
    update(audit_events)
    .where(e.id == _next.c.id)
    .values(position=_next.c.place)
    .returning(*audit_events.c)
)
SEAL = (
    update(audit_seals)
    .where(c.number == _number)
    .values(
        first_position=bindparam("first", type_=BigInteger),
        last_position=bindparam("last", type_=BigInteger),
        events=bindparam("count", type_=Integer),
        newest_at=bindparam("newest", type_=BigInteger),
        sealed_at=bindparam("now", type_=BigInteger),
        hash=bindparam("digest"),
    )
)
FORGET = delete(audit_seals).where(c.number == _number)
_first = bindparam("first", type_=BigInteger)
_last = bindparam("last", type_=BigInteger)
EVENTS = select(audit_events).where(e.position.between(_first, _last)).order_by(e.position)
_end = select(func.max(c.last_position)).scalar_subquery()
_removed = select(func.max(c.last_position)).where(c.removed_at.is_not(None)).scalar_subquery()
FOREIGN = (
    select(e.position)
    .where(or_(e.position > func.coalesce(_end, 0), e.position <= func.coalesce(_removed, 0)))
    .limit(1)
)

_before = bindparam("before", type_=BigInteger)
_present = c.removed_at.is_(None)
_first_kept = select(func.min(c.number)).where(_present, c.newest_at >= _before).scalar_subquery()
_first_place = select(func.min(c.first_position)).where(_present).scalar_subquery()
OLD = select(func.max(c.number).label("number"), func.max(c.last_position).label("last")).where(
    _present,
    c.newest_at < _before,
    or_(_first_kept.is_(None), c.number < _first_kept),
    c.last_position < _first_place + _most,
)
REMOVE_EVENTS = delete(audit_events).where(e.position <= _last).returning(e.id)
MARK = (
    update(audit_seals)
    .where(c.number == _number, _present)
    .values(removed_at=bindparam("now", type_=BigInteger))
    .returning(c.number)
)
REMOVE_SEALS = delete(audit_seals).where(c.number < _number)


async def find_last(db: Tx) -> Seal | None:
    row = await db.one(LAST)
    return None if row is None else _seal(row)


async def find(db: Tx, number: int) -> Seal | None:
    row = await db.one(FIND, number=number)
    return None if row is None else _seal(row)


async def list_after(db: Tx, number: int, most: int) -> list[Seal]:
    """In the order of the chain."""
    return [_seal(row) for row in await db.all(LIST, after=number, most=most)]


async def is_waiting(db: Tx) -> bool:
    """Is there an event to be sealed?"""
    return await db.one(WAITING) is not None


async def count_unsealed(db: Tx) -> int:
    row = await db.one(UNSEALED)
    assert row is not None
    return int(row["number"])


async def claim(tx: Tx, number: int) -> bool:
    """False if somebody else has made that seal."""
    return await tx.one(CLAIM, number=number) is not None


async def forget(tx: Tx, number: int) -> None:
    """It was claimed for nothing."""
    await tx.one(FORGET, number=number)


async def place(tx: Tx, after: int, most: int) -> list[Row]:
    """Give the oldest events that wait the next positions; returns them in that order."""
    rows = await tx.all(PLACE, after=after, most=most)
    return sorted(rows, key=lambda row: int(row["position"]))


async def seal(tx: Tx, made: Seal) -> None:
    await tx.one(
        SEAL,
        number=made.number,
        first=made.first_position,
        last=made.last_position,
        count=made.events,
        newest=made.newest_at,
        now=made.sealed_at,
        digest=made.hash,
    )


async def list_events(db: Tx, first: int, last: int) -> list[Row]:
    """The events of the positions that a seal names."""
    return await db.all(EVENTS, first=first, last=last)


async def has_foreign(db: Tx) -> bool:
    """Does an event stand after the last seal, or in a batch that was removed?"""
    return await db.one(FOREIGN) is not None


async def remove(tx: Tx, before: int, most: int, now: int) -> int:
    """The oldest batches whose events are all older, so many events at once.

    The newest of them keeps its seal; those before it go with their seals.
    """
    old = await tx.one(OLD, before=before, most=most)
    if old is None or old["number"] is None:
        return 0
    if await tx.one(MARK, number=old["number"], now=now) is None:
        return 0
    removed = await tx.all(REMOVE_EVENTS, last=old["last"])
    await tx.one(REMOVE_SEALS, number=old["number"])
    return len(removed)


def _seal(row: Row) -> Seal:
    return Seal(
        number=row["number"],
        first_position=row["first_position"],
        last_position=row["last_position"],
        events=row["events"],
        newest_at=row["newest_at"],
        sealed_at=row["sealed_at"],
        hash=row["hash"],
        removed=row["removed_at"] is not None,
    )
