"""SQL for how long it took until somebody whose access was taken away was out."""

from sqlalchemy import BigInteger, String, bindparam, case, func, or_, select, update

from kernel.db import Row, Tx
from kernel.json_rows import JsonRows, as_json
from live_agent.db.tables import sessions

_c = sessions.c
_at = bindparam("at_ms", type_=BigInteger)
_asked = JsonRows("fingerprints")
_later = {"out_ms": case((or_(_c.out_ms.is_(None), _c.out_ms < _at), _at), else_=_c.out_ms)}

OUT_BY_REFERENCE = (
    update(sessions)
    .where(
        _c.ended_reference == bindparam("reference", type_=String),
        _c.ended_at >= bindparam("since", type_=BigInteger),
        _c.changed_ms == bindparam("changed_ms", type_=BigInteger),
    )
    .values(_later)
    .returning(_c.fingerprint)
)
OUT_BY_FINGERPRINT = (
    update(sessions)
    .where(
        _c.fingerprint.in_(select(_asked.text("fingerprint"))),
        _c.changed_ms.is_not(None),
    )
    .values(_later)
    .returning(_c.changed_ms)
)
SLOWEST = select(
    func.max(_c.out_ms - _c.changed_ms).label("slowest"), func.count(_c.out_ms).label("number")
).where(
    _c.account_id == bindparam("account_id"),
    _c.ended_at >= bindparam("since", type_=BigInteger),
    _c.changed_ms.is_not(None),
)


async def note_ended(db: Tx, reference: str, changed_ms: int, since: int, at_ms: int) -> int:
    """How many sessions ended with that reference by that change."""
    asked = {"reference": reference, "changed_ms": changed_ms, "since": since}
    return len(await db.all(OUT_BY_REFERENCE, **asked, at_ms=at_ms))


async def note_told(db: Tx, fingerprints: list[str], at_ms: int) -> list[int]:
    """When the change was, for each of these sessions, whose open page has been told now."""
    given = as_json({"fingerprint": one} for one in fingerprints)
    rows = await db.all(OUT_BY_FINGERPRINT, fingerprints=given, at_ms=at_ms)
    return [row["changed_ms"] for row in rows]


async def slowest(db: Tx, account_id: int, since: int) -> Row:
    row = await db.one(SLOWEST, account_id=account_id, since=since)
    assert row is not None
    return row
