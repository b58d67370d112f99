"""The table of the outbox, and the statement that gives a letter to one courier alone."""

from enum import Enum, unique
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    not_,
    null,
    select,
    true,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate


def outbox_table(metadata: MetaData) -> Table:
    """`outbox`, which each application has among its tables. Times in seconds since 1970."""
    table = Table(
        "outbox",
        metadata,
        Column("id", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("payload", Text, nullable=False),  # JSON, sealed if the outbox has a key ring
        Column("created_at", BigInteger, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_attempt_at", BigInteger, nullable=False),
        Column("leased_until", BigInteger, nullable=False),  # 0: nobody has it
        Column("delivered_at", BigInteger),
        Column("last_error", Text),
    )
    waiting = table.c.delivered_at.is_(null())
    Index(
        "outbox_waiting",
        table.c.next_attempt_at,
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
    failing = and_(waiting, table.c.last_error.is_not(null()))
    Index("outbox_failing", table.c.created_at, postgresql_where=failing, sqlite_where=failing)
    return table


@unique
class Lane(Enum):
    """Letters that wait for the same: mails for the mail server, the others for their receiver."""

    MAILS = "mails"
    OTHERS = "others"


def lease_statement(table: Table, lane: Lane | None) -> ReturningUpdate[Any]:
    """At most `most` letters of the lane, or of both, that are due, leased `until` then."""
    c = table.c
    mail = c.kind.startswith("mail")
    of_the_lane = {Lane.MAILS: mail, Lane.OTHERS: not_(mail), None: true()}[lane]
    now = bindparam("now", type_=BigInteger)
    due = (
        select(c.id)
        .where(c.delivered_at.is_(None), c.next_attempt_at <= now, c.leased_until <= now)
        .where(of_the_lane)
        .order_by(c.next_attempt_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)  # SQLite has one writer and no such clause
        .cte("due")  # evaluated once: a subquery in WHERE may run again and take more
    )
    return (
        update(table)
        .where(c.id.in_(select(due.c.id)))
        .values(leased_until=bindparam("until", type_=BigInteger), attempts=c.attempts + 1)
        .returning(c.id, c.kind, c.payload, c.attempts, c.created_at)
    )
