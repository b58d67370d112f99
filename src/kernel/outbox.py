"""Effects outside the database: written in the transaction they belong to, delivered after it.

Each process has a courier (`kernel.courier`). A letter is leased for a while, so that two couriers
never have the same one; a courier that dies leaves its letters to the others when the lease ends.
Delivery is at least once: receivers drop repeats by the letter's id.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from kernel.db import Row, Tx
from kernel.keyring import KeyRing
from kernel.log import get_logger
from kernel.opaque import new_id
from kernel.outbox_table import Lane as Lane
from kernel.outbox_table import lease_statement
from kernel.outbox_table import outbox_table as outbox_table

log = get_logger("kernel.outbox")

LETTERS = "letters"  # told when one is put in; `Courier.wake` is for it

BATCH = 10
LEASE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 3600
DOUBLINGS = 12  # 2, 4, 8 ... 2048, then the longest pause
KEPT_SECONDS = 7 * 24 * 3600
GIVEN_UP_SECONDS = 30 * 24 * 3600
LONGEST_ERROR = 300
LONGEST_PAYLOAD = 4_000_000
_SEALED_FOR = "outbox"

Deliver = Callable[[dict[str, Any], str], Awaitable[None]]


class DeliveryFailed(Exception):  # noqa: N818 - reads as what happened
    """The letter stays and is tried again. The message goes to the log: no address, no secret."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A leased letter; `attempts` counts this one. Without the key it was sealed with: None."""

    id: str
    kind: str
    payload: dict[str, Any] | None
    attempts: int


class Outbox:
    """The statements on `outbox`. With a key ring the payloads are sealed: mails hold links."""

    def __init__(self, table: Table, keyring: KeyRing | None = None) -> None:
        c = table.c
        now = bindparam("now", type_=BigInteger)
        letter = bindparam("id", type_=Text)
        self._keyring = keyring
        self._add = insert(table).values(
            id=letter,
            kind=bindparam("kind"),
            payload=bindparam("payload"),
            created_at=now,
            attempts=0,
            next_attempt_at=now,
            leased_until=0,
        )
        self._lease = {lane: lease_statement(table, lane) for lane in (*Lane, None)}
        # Not if the lease ended meanwhile and somebody else tries.
        self._release = (
            update(table)
            .where(c.id == letter, c.attempts == bindparam("attempts"), c.delivered_at.is_(None))
            .values(leased_until=0)
        )
        # What is delivered is not kept: the row only says that it was.
        self._done = (
            update(table)
            .where(c.id == letter)
            .values(delivered_at=now, leased_until=0, payload="", last_error=None)
        )
        pause = case(
            *((c.attempts == n, 2**n) for n in range(1, DOUBLINGS)), else_=LONGEST_PAUSE_SECONDS
        )
        self._failed = (
            update(table)
            .where(c.id == letter, c.delivered_at.is_(None))
            .values(leased_until=0, next_attempt_at=now + pause, last_error=bindparam("error"))
        )
        self._failing = select(func.min(c.created_at).label("since")).where(
            c.delivered_at.is_(None),
            c.last_error.is_not(None),
            c.kind.startswith(bindparam("beginning", type_=Text)),
        )
        self._waiting = select(
            func.count(c.id).label("letters"), func.min(c.created_at).label("since")
        ).where(c.delivered_at.is_(None))
        self._prune = (
            delete(table)
            .where(
                or_(c.delivered_at <= now - KEPT_SECONDS, c.created_at <= now - GIVEN_UP_SECONDS)
            )
            .returning(c.id, c.kind, c.delivered_at)
        )

    async def add(self, tx: Tx, kind: str, payload: Mapping[str, Any], now: int) -> str:
        """Put a letter in, within the transaction of what it tells; returns its id.

        The kind of a mail begins with `mail`.
        """
        letter_id = new_id()
        text = (
            json.dumps(dict(payload), ensure_ascii=False)
            if self._keyring is None
            else self._keyring.seal(_SEALED_FOR, dict(payload))
        )
        await tx.one(self._add, id=letter_id, kind=kind, payload=text, now=now)
        tx.tell(LETTERS)
        return letter_id

    async def lease(
        self,
        database: Tx,
        now: int,
        limit: int = BATCH,
        lease_seconds: int = LEASE_SECONDS,
        lane: Lane | None = None,
    ) -> list[Letter]:
        """At most `limit` letters that are due, of the lane or of both, the oldest first.

        Nobody else gets them for `lease_seconds`. One statement; on PostgreSQL rows that another
        courier is taking are skipped.
        """
        until = now + lease_seconds
        rows = await database.all(self._lease[lane], now=now, until=until, most=limit)
        rows.sort(key=lambda row: (row["created_at"], row["id"]))
        return [Letter(row["id"], row["kind"], self._opened(row), row["attempts"]) for row in rows]

    async def release(self, database: Tx, letter: Letter) -> None:
        """Give up the lease of a letter that was not delivered: another courier has it at once."""
        await database.one(self._release, id=letter.id, attempts=letter.attempts)

    async def done(self, database: Tx, letter_id: str, now: int) -> None:
        """It was delivered."""
        await database.one(self._done, id=letter_id, now=now)

    async def failed(self, database: Tx, letter_id: str, error: str, now: int) -> None:
        """It was not; the next attempt is after 2, 4, 8 ... at most 3600 seconds."""
        await database.one(self._failed, id=letter_id, error=error[:LONGEST_ERROR], now=now)

    async def failing_since(self, database: Tx, beginning: str) -> int | None:
        """When the oldest letter was put in that failed and still waits; None if all leave.

        `beginning` is that of the kinds that are meant, such as `mail.`.
        """
        row = await database.one(self._failing, beginning=beginning)
        return None if row is None or row["since"] is None else int(row["since"])

    async def waiting(self, database: Tx) -> tuple[int, int | None]:
        """How many letters are not delivered yet, and since when the oldest of them waits."""
        row = await database.one(self._waiting)
        return (0, None) if row is None else (int(row["letters"]), row["since"])

    async def prune(self, database: Tx, now: int) -> int:
        """Remove what was delivered a week ago, and what could not be for 30 days."""
        rows = await database.all(self._prune, now=now)
        for row in rows:
            if row["delivered_at"] is None:
                log.error("outbox.given_up", letter=row["id"], kind=row["kind"])
        return len(rows)

    def _opened(self, row: Row) -> dict[str, Any] | None:
        if self._keyring is None:
            value = json.loads(row["payload"])
        else:
            value = self._keyring.open_sealed(_SEALED_FOR, row["payload"], LONGEST_PAYLOAD)
        return value if isinstance(value, dict) else None
