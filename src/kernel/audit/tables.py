"""`audit_events` and `audit_seals`, which each application has among its tables.

Rows hold ids and codes; names and addresses stand with the people and are joined where somebody
reads, so that erasing them leaves the chain as it is. Times are seconds since 1970.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, text

from kernel.columns import bytewise


def events_table(metadata: MetaData, owner: Column[str] | Column[int], user_id: int) -> Table:
    """`owner` says whose trail an event belongs to; `user_id` is how long a person's id is."""
    table = Table(
        "audit_events",
        metadata,
        Column("id", String(40), primary_key=True),
        Column("at", BigInteger, nullable=False),
        Column("event", bytewise(64), nullable=False),  # a group of them is a range
        Column("reference", String(12)),
        owner,
        Column("user_id", String(user_id)),  # whom it is about
        Column("actor_kind", String(16), nullable=False, server_default="system"),
        Column("actor_id", String(128)),  # a user's, an API key's or a client's id
        Column("details", Text, nullable=False),  # JSON object of ids and codes, never names
        Column("position", BigInteger),  # in the chain; none: not sealed yet
        Index("audit_events_by_reference", "reference"),
        Index("audit_events_by_time", "at"),
        Index("audit_events_of_a_user", "user_id", "at", "id"),
    )
    placed, waiting = text("position IS NOT NULL"), text("position IS NULL")
    Index(
        "audit_events_sealed",
        table.c.position,
        unique=True,
        sqlite_where=placed,
        postgresql_where=placed,
    )
    Index(
        "audit_events_unsealed",
        table.c.at,
        table.c.id,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    return table


def seals_table(metadata: MetaData) -> Table:
    """The chain over the events: see `kernel.audit.chain`."""
    return Table(
        "audit_seals",
        metadata,
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("first_position", BigInteger, nullable=False),
        Column("last_position", BigInteger, nullable=False),
        Column("events", Integer, nullable=False),
        Column("newest_at", BigInteger, nullable=False),  # of its events: the batch ages with it
        Column("sealed_at", BigInteger, nullable=False),
        Column("hash", String(64), nullable=False),
        Column("removed_at", BigInteger),  # its events were too old; the seal carries the chain on
    )
