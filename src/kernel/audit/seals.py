"""SQL for the seals: made once, read in order; at most one process seals at a time."""

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from kernel.audit.chain import Seal
from kernel.db import Row, Tx
from kernel.upsert import upsert

_most = bindparam("most", type_=Integer)
_number = bindparam("number", type_=BigInteger)
_after = bindparam("after", type_=BigInteger)
_first = bindparam("first", type_=BigInteger)
_last = bindparam("last", type_=BigInteger)
_before = bindparam("before", type_=BigInteger)


class Seals:
    """The statements on an application's `audit_events` and `audit_seals`."""

    def __init__(self, events: Table, seals: Table) -> None:
        e, c = events.c, seals.c
        self._last = select(seals).order_by(c.number.desc()).limit(1)
        self._find = select(seals).where(c.number == _number)
        self._list = select(seals).where(c.number > _after).order_by(c.number).limit(_most)
        self._waiting = select(e.id).where(e.position.is_(None)).limit(1)
        self._unsealed = select(func.count().label("number")).where(e.position.is_(None))
        # Another process that wants the same number waits here for the first one's commit.
        self._claim = (
            upsert(seals)
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
        self._place = _placing(events)
        self._seal = (
            update(seals)
            .where(c.number == _number)
            .values(
                first_position=_first,
                last_position=_last,
                events=bindparam("count", type_=Integer),
                newest_at=bindparam("newest", type_=BigInteger),
                sealed_at=bindparam("now", type_=BigInteger),
                hash=bindparam("digest"),
            )
        )
        self._forget = delete(seals).where(c.number == _number)
        self._events = select(events).where(e.position.between(_first, _last)).order_by(e.position)
        self._foreign = _foreign(events, seals)
        self._old = _old(seals)
        self._remove_events = delete(events).where(e.position <= _last).returning(e.id)
        self._mark = (
            update(seals)
            .where(c.number == _number, c.removed_at.is_(None))
            .values(removed_at=bindparam("now", type_=BigInteger))
            .returning(c.number)
        )
        self._remove_seals = delete(seals).where(c.number < _number)

    async def find_last(self, db: Tx) -> Seal | None:
        row = await db.one(self._last)
        return None if row is None else _seal(row)

    async def find(self, db: Tx, number: int) -> Seal | None:
        row = await db.one(self._find, number=number)
        return None if row is None else _seal(row)

    async def list_after(self, db: Tx, number: int, most: int) -> list[Seal]:
        """In the order of the chain."""
        return [_seal(row) for row in await db.all(self._list, after=number, most=most)]

    async def is_waiting(self, db: Tx) -> bool:
        """Is there an event to be sealed?"""
        return await db.one(self._waiting) is not None

    async def count_unsealed(self, db: Tx) -> int:
        row = await db.one(self._unsealed)
        assert row is not None
        return int(row["number"])

    async def claim(self, tx: Tx, number: int) -> bool:
        """False if somebody else has made that seal."""
        return await tx.one(self._claim, number=number) is not None

    async def forget(self, tx: Tx, number: int) -> None:
        """It was claimed for nothing."""
        await tx.one(self._forget, number=number)

    async def place(self, tx: Tx, after: int, most: int) -> list[Row]:
        """Give the oldest events that wait the next positions; returns them in that order."""
        rows = await tx.all(self._place, after=after, most=most)
        return sorted(rows, key=lambda row: int(row["position"]))

    async def seal(self, tx: Tx, made: Seal) -> None:
        await tx.one(
            self._seal,
            number=made.number,
            first=made.first_position,
            last=made.last_position,
            count=made.events,
            newest=made.newest_at,
            now=made.sealed_at,
            digest=made.hash,
        )

    async def list_events(self, db: Tx, first: int, last: int) -> list[Row]:
        """The events of the positions that a seal names."""
        return await db.all(self._events, first=first, last=last)

    async def has_foreign(self, db: Tx) -> bool:
        """Does an event stand after the last seal, or in a batch that was removed?"""
        return await db.one(self._foreign) is not None

    async def remove(self, tx: Tx, before: int, most: int, now: int) -> int:
        """The oldest batches whose events are all older, so many events at once.

        The newest of them keeps its seal; those before it go with their seals.
        """
        old = await tx.one(self._old, before=before, most=most)
        if old is None or old["number"] is None:
            return 0
        if await tx.one(self._mark, number=old["number"], now=now) is None:
            return 0
        removed = await tx.all(self._remove_events, last=old["last"])
        await tx.one(self._remove_seals, number=old["number"])
        return len(removed)


def _placing(events: Table) -> Update:
    e = events.c
    following = (
        select(e.id, (_after + func.row_number().over(order_by=(e.at, e.id))).label("place"))
        .where(e.position.is_(None))
        .order_by(e.at, e.id)
        .limit(_most)
        .cte("next")
    )
    return (
        update(events)
        .where(e.id == following.c.id)
        .values(position=following.c.place)
        .returning(*e)
    )


def _foreign(events: Table, seals: Table) -> Select[tuple[int]]:
    place, last = events.c.position, seals.c.last_position
    end = select(func.max(last)).scalar_subquery()
    removed = select(func.max(last)).where(seals.c.removed_at.is_not(None)).scalar_subquery()
    outside = or_(place > func.coalesce(end, 0), place <= func.coalesce(removed, 0))
    return select(place).where(outside).limit(1)


def _old(seals: Table) -> Select[tuple[int, int]]:
    c = seals.c
    present = c.removed_at.is_(None)
    kept = select(func.min(c.number)).where(present, c.newest_at >= _before).scalar_subquery()
    place = select(func.min(c.first_position)).where(present).scalar_subquery()
    return select(
        func.max(c.number).label("number"), func.max(c.last_position).label("last")
    ).where(
        present,
        c.newest_at < _before,
        or_(kept.is_(None), c.number < kept),
        c.last_position < place + _most,
    )


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
