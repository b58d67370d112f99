"""SQL for what the platform said last of somebody."""

from sqlalchemy import BigInteger, bindparam, case

from kernel.db import Tx
from kernel.upsert import upsert
from live_agent.db.tables import subjects

_c = subjects.c
_new = upsert(subjects).values(
    issuer=bindparam("issuer"),
    subject=bindparam("subject"),
    access_revision=bindparam("access_revision", type_=BigInteger),
    changed_at=bindparam("now", type_=BigInteger),
)
_given = _new.excluded.access_revision
_NOTE = _new.on_conflict_do_update(
    index_elements=[_c.issuer, _c.subject],
    set_={
        "access_revision": case((_given > _c.access_revision, _given), else_=_c.access_revision),
        "changed_at": _new.excluded.changed_at,
    },
).returning(_c.access_revision)


async def note(tx: Tx, issuer: str, subject: str, access_revision: int, now: int) -> int:
    row = await tx.one(
        _NOTE, issuer=issuer, subject=subject, access_revision=access_revision, now=now
    )
    assert row is not None
    return int(row["access_revision"])
