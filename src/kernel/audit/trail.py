"""The trail of one application: events are recorded, listed in pages, exported, removed by age.

Events are named `noun.verb`; details are ids and codes, never names.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, String, Table, bindparam, tuple_
from sqlalchemy.sql.dml import Insert

from kernel.audit import rules, verification
from kernel.audit.actor import USER, actor
from kernel.audit.chain import Verdict
from kernel.audit.export import Export
from kernel.audit.rules import EVERYTHING, Cursor, Event, EventFilter, EventPage
from kernel.audit.sealer import Sealer
from kernel.audit.seals import Seals
from kernel.clock import Clock
from kernel.db import Database, Row, Tx
from kernel.opaque import new_object_id

# Events of one second are read in the order in which this process recorded them.
_order = count()
_ORDERS = 2**32

PAGE = 50
WALKED_AT_ONCE = 500
PRUNED_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one event: whom it is about, whose trail it belongs to, ids and codes."""

    reference: str | None
    user_id: str | None
    owner: str | int | None
    details: Mapping[str, object]


class Trail:
    """`add` inserts an event, and `read` selects events with `user_name`, `user_email`,
    `actor_name` and `actor_email` of people who are still there: both are the application's own.
    """

    def __init__(
        self, events: Table, seals: Table, owner: str, *, add: Insert, read: Select[Any]
    ) -> None:
        self.owner = owner
        self.export = Export(owner)
        self.seals = Seals(events, seals)
        self._add, self._read = add, read
        c = events.c
        self._where = {
            "owner": c[owner] == bindparam("owner", type_=c[owner].type),
            "event": c.event == bindparam("event", type_=String),
            "first_of_group": c.event >= bindparam("first_of_group", type_=String),
            "after_group": c.event < bindparam("after_group", type_=String),
            "user": c.user_id == bindparam("user", type_=String),
            "by": c.actor_id == bindparam("by", type_=String),
            "since": c.at >= bindparam("since", type_=BigInteger),
            "until": c.at < bindparam("until", type_=BigInteger),
            "id": c.id == bindparam("id", type_=String),
            "reference": c.reference == bindparam("reference", type_=String),
        }
        self._place = tuple_(c.at, c.id)
        self._order = {True: (c.at.asc(), c.id.asc()), False: (c.at.desc(), c.id.desc())}
        self._listings: dict[tuple[frozenset[str], bool, bool], Select[Any]] = {}

    async def record(
        self,
        tx: Tx,
        event: str,
        now: int,
        facts: Facts,
    ) -> None:
        """Add one event, in the transaction of what it tells; who acts is known from around."""
        who = actor()
        await tx.one(
            self._add,
            id=f"{next(_order) % _ORDERS:08x}{new_object_id()}",
            at=now,
            event=event,
            reference=facts.reference,
            owner=facts.owner,
            user_id=facts.user_id,
            whose=facts.user_id or (who.id if who.kind == USER else None),
            actor_kind=who.kind,
            actor_id=who.id,
            details=json.dumps(dict(facts.details), ensure_ascii=False),
        )

    async def list_events(
        self,
        db: Tx,
        owner: str | int | None,
        wanted: EventFilter = EVERYTHING,
        *,
        older_than: Cursor | None = None,
        newer_than: Cursor | None = None,
        limit: int = PAGE,
    ) -> EventPage:
        """A page of events, the newest first; `owner` None is an operator's view of all.

        `older_than` goes on to the next page, `newer_than` back to the one before.
        """
        back = newer_than is not None
        cursor = newer_than if back else older_than
        found = await self._near(db, _asked(owner, wanted), cursor, limit + 1, newer=back)
        more = len(found) > limit
        events = found[:limit]
        if back:
            events.reverse()
        if not events:
            return EventPage((), None, None)
        has_older, has_newer = (True, more) if back else (more, cursor is not None)
        return EventPage(
            tuple(events),
            events[-1].cursor if has_older else None,
            events[0].cursor if has_newer else None,
        )

    async def find_event(self, db: Tx, owner: str | int | None, event_id: str) -> Event | None:
        """None if there is no such event in that trail."""
        found = await self._near(db, _asked(owner, EVERYTHING) | {"id": event_id}, None, 1)
        return found[0] if found else None

    async def list_of_reference(
        self, db: Tx, owner: str | int | None, reference: str, most: int
    ) -> list[Event]:
        """The story of one reference id, the oldest first."""
        asked = _asked(owner, EVERYTHING) | {"reference": reference}
        return await self._near(db, asked, None, most, newer=True)

    async def walk(
        self,
        db: Tx,
        owner: str | int | None,
        wanted: EventFilter = EVERYTHING,
        most: int | None = None,
    ) -> AsyncIterator[Event]:
        """Every event of a filter, the newest first, for an export; read in pieces."""
        asked = _asked(owner, wanted)
        cursor: Cursor | None = None
        left = most
        while left is None or left > 0:
            size = WALKED_AT_ONCE if left is None else min(left, WALKED_AT_ONCE)
            found = await self._near(db, asked, cursor, size)
            for event in found:
                yield event
            if len(found) < size:
                return
            cursor = found[-1].cursor
            left = None if left is None else left - size

    async def prune(self, database: Database, now: int, minutes: int) -> int:
        """Remove what is older than so many minutes (0: nothing is); returns how many.

        Only whole sealed batches, from the oldest on, so that the rest can still be verified.
        Called again it goes on: one statement never holds up others for long.
        """
        before = rules.kept_from(now, minutes)
        if before is None:
            return 0
        async with database.transaction() as tx:
            return await self.seals.remove(tx, before, PRUNED_AT_ONCE, now)

    async def verify(self, db: Tx, known: tuple[int, str] | None = None) -> Verdict:
        """Does every sealed event still read as it was sealed?"""
        return await verification.verify(db, self.seals, known)

    def sealer(self, database: Database, clock: Clock) -> Sealer:
        """The task that seals new events; one in each process."""
        return Sealer(database, clock, self.seals)

    def listing(self, asked: frozenset[str], *, cursor: bool, newer: bool) -> Select[Any]:
        """One statement for each combination of filters, so that each is compiled once."""
        key = (asked, cursor, newer)
        if key not in self._listings:
            statement = self._read.where(*(self._where[name] for name in sorted(asked)))
            if cursor:
                at = bindparam("cursor_at", type_=BigInteger)
                place = tuple_(at, bindparam("cursor_id", type_=String))
                statement = statement.where(self._place > place if newer else self._place < place)
            statement = statement.order_by(*self._order[newer])
            self._listings[key] = statement.limit(bindparam("most", type_=Integer))
        return self._listings[key]

    async def _near(
        self,
        db: Tx,
        asked: Mapping[str, object],
        cursor: Cursor | None,
        most: int,
        *,
        newer: bool = False,
    ) -> list[Event]:
        """Those nearest to the cursor, away from it; without one the newest, or the oldest."""
        statement = self.listing(frozenset(asked), cursor=cursor is not None, newer=newer)
        values = dict(asked)
        if cursor is not None:
            values |= {"cursor_at": cursor.at, "cursor_id": cursor.id}
        return [self._event(row) for row in await db.all(statement, **values, most=most)]

    def _event(self, row: Row) -> Event:
        return Event(
            id=row["id"],
            at=row["at"],
            event=row["event"],
            reference=row["reference"],
            owner=row[self.owner],
            user_id=row["user_id"],
            actor_kind=row["actor_kind"],
            actor_id=row["actor_id"],
            details=json.loads(row["details"]),
            user_name=row["user_name"],
            user_email=row["user_email"],
            actor_name=row["actor_name"],
            actor_email=row["actor_email"],
        )


def _asked(owner: str | int | None, wanted: EventFilter) -> dict[str, object]:
    scope = {} if owner is None else {"owner": owner}
    return scope | wanted.asked()
