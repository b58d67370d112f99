"""SQL for audit events: they are added and read; `seals` chains and at last removes them.

Names stand with the people, not with the events; they are joined where somebody reads.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    func,
    insert,
    select,
    tuple_,
)

from cognigy_ai.audit.rules import Cursor, Event
from cognigy_ai.db.tables import api_keys, audit_events, users
from kernel.db import Row, Tx

c = audit_events.c
_subject, _by = users.alias("subject"), users.alias("by_user")

# An event of a person belongs to the person's organisation, also where the caller knew only whom.
_OF_ORGANISATION = func.coalesce(
    bindparam("organisation_id", type_=String),
    select(users.c.organisation_id)
    .where(users.c.id == bindparam("whose", type_=String))
    .scalar_subquery(),
)
_PLAIN = ("id", "at", "event", "reference", "user_id", "actor_kind", "actor_id", "details")
ADD = insert(audit_events).values(
    **{name: bindparam(name) for name in _PLAIN}, organisation_id=_OF_ORGANISATION
)

READ: Select[Any] = (
    select(
        audit_events,
        _subject.c.name.label("user_name"),
        _subject.c.email.label("user_email"),
        func.coalesce(_by.c.name, api_keys.c.name).label("actor_name"),
        _by.c.email.label("actor_email"),
    )
    .select_from(audit_events)
    .outerjoin(
        _subject,
        and_(_subject.c.id == c.user_id, _subject.c.organisation_id == c.organisation_id),
    )
    .outerjoin(_by, and_(_by.c.id == c.actor_id, _by.c.organisation_id == c.organisation_id))
    .outerjoin(api_keys, api_keys.c.id == c.actor_id)
)

_WHERE = {
    "organisation": c.organisation_id == bindparam("organisation", type_=String),
    "event": c.event == bindparam("event", type_=String),
    "first_of_group": c.event >= bindparam("first_of_group", type_=String),
    "after_group": c.event < bindparam("after_group", type_=String),
    "user": c.user_id == bindparam("user", type_=String),
    "by": c.actor_id == bindparam("by", type_=String),
    "since": c.at >= bindparam("since", type_=BigInteger),
    "until": c.at < bindparam("until", type_=BigInteger),
    "id": c.id == bindparam("id", type_=String),
}
_PLACE = tuple_(c.at, c.id)
_CURSOR = tuple_(bindparam("cursor_at", type_=BigInteger), bindparam("cursor_id", type_=String))
_MOST = bindparam("most", type_=Integer)


@lru_cache(maxsize=256)
def _listing(asked: frozenset[str], cursor: bool, newer: bool) -> Select[Any]:  # noqa: FBT001
    """One statement for each combination of filters, so that each is compiled once."""
    statement = READ.where(*(_WHERE[name] for name in sorted(asked)))
    if cursor:
        statement = statement.where(_PLACE > _CURSOR if newer else _PLACE < _CURSOR)
    order = (c.at.asc(), c.id.asc()) if newer else (c.at.desc(), c.id.desc())
    return statement.order_by(*order).limit(_MOST)


async def add(tx: Tx, values: Mapping[str, object], details: Mapping[str, object]) -> None:
    await tx.one(ADD, **values, details=json.dumps(dict(details), ensure_ascii=False))


async def list_events(
    db: Tx, asked: Mapping[str, object], cursor: Cursor | None, most: int, *, newer: bool
) -> list[Event]:
    """Those nearest to the cursor, away from it; without one the newest, or the oldest."""
    statement = _listing(frozenset(asked), cursor is not None, newer)
    values = dict(asked)
    if cursor is not None:
        values |= {"cursor_at": cursor.at, "cursor_id": cursor.id}
    return [_event(row) for row in await db.all(statement, **values, most=most)]


def _event(row: Row) -> Event:
    return Event(
        id=row["id"],
        at=row["at"],
        event=row["event"],
        reference=row["reference"],
        organisation_id=row["organisation_id"],
        user_id=row["user_id"],
        actor_kind=row["actor_kind"],
        actor_id=row["actor_id"],
        details=json.loads(row["details"]),
        user_name=row["user_name"],
        user_email=row["user_email"],
        actor_name=row["actor_name"],
        actor_email=row["actor_email"],
    )
