"""SQL for the questions to the platform whether a session may go on."""

from sqlalchemy import BigInteger, String, bindparam, case, func, or_, select, update

from kernel.db import Row, Tx
from kernel.json_rows import JsonRows, as_json
from live_agent.db.endings import SESSIONS_ENDED
from live_agent.db.tables import sessions

_c = sessions.c
_one = _c.fingerprint == bindparam("fingerprint", type_=String)
_alive = _c.ended_at.is_(None)
_now = bindparam("now", type_=BigInteger)
_revision = bindparam("new_revision", type_=BigInteger)

# Of many requests and replicas exactly one asks: a refresh token is spent by asking.
CLAIM = (
    update(sessions)
    .where(
        _one,
        _alive,
        _c.sealed_tokens.is_not(None),
        _c.checking_until <= _now,
        _c.checked_at <= bindparam("older_than", type_=BigInteger),
    )
    .values(checking_until=bindparam("until", type_=BigInteger))
    .returning(_c.user_id, _c.account_id, _c.issuer, _c.subject, _c.sid, _c.sealed_tokens)
)
CONFIRM = (
    update(sessions)
    .where(_one)
    .values(
        sealed_tokens=bindparam("sealed", type_=String),
        checked_at=_now,
        checking_until=0,
        unreachable_since=None,
        access_revision=case(
            (or_(_revision.is_(None), _c.access_revision > _revision), _c.access_revision),
            else_=_revision,
        ),
    )
)
# The spent refresh token is replaced at once, whatever else becomes of the answer; the lease stays.
KEEP = (
    update(sessions)
    .where(_one, _c.sealed_tokens.is_not(None))
    .values(sealed_tokens=bindparam("sealed", type_=String))
)
FIND_STANDING = select(_c.checked_at, _c.checking_until, _c.unreachable_since).where(_one, _alive)
# The lease stays: so long nobody asks again.
NOTE_UNREACHABLE = (
    update(sessions)
    .where(_one, _alive)
    .values(unreachable_since=func.coalesce(_c.unreachable_since, _now))
)
END = (
    update(sessions)
    .where(_one, _alive)
    .values(
        ended_at=_now,
        ended_because=bindparam("because", type_=String),
        ended_reference=bindparam("reference", type_=String),
    )
    .returning(_c.fingerprint)
)


LIST_ENDED = select(_c.fingerprint, _c.changed_ms).where(
    _c.ended_at >= bindparam("since", type_=BigInteger)
)
_asked = JsonRows("asked")
LIST_THERE = select(_c.fingerprint).where(_c.fingerprint.in_(select(_asked.text("fingerprint"))))
FIND_ENDED = select(_c.ended_because, _c.ended_reference, _c.ended_at, _c.user_id).where(
    _one, _c.ended_at >= bindparam("since", type_=BigInteger)
)


async def list_ended(tx: Tx, since: int) -> list[Row]:
    return await tx.all(LIST_ENDED, since=since)


async def list_there(tx: Tx, fingerprints: list[str]) -> set[str]:
    """Those of them that have a row."""
    asked = as_json({"fingerprint": one} for one in fingerprints)
    return {row["fingerprint"] for row in await tx.all(LIST_THERE, asked=asked)}


async def find_ended(tx: Tx, fingerprint: str, since: int) -> Row | None:
    return await tx.one(FIND_ENDED, fingerprint=fingerprint, since=since)


async def claim(tx: Tx, fingerprint: str, older_than: int, until: int, now: int) -> Row | None:
    return await tx.one(CLAIM, fingerprint=fingerprint, older_than=older_than, until=until, now=now)


async def confirm(
    tx: Tx, fingerprint: str, sealed: str, access_revision: int | None, now: int
) -> None:
    await tx.one(
        CONFIRM, fingerprint=fingerprint, sealed=sealed, new_revision=access_revision, now=now
    )


async def keep(tx: Tx, fingerprint: str, sealed: str) -> None:
    await tx.one(KEEP, fingerprint=fingerprint, sealed=sealed)


async def find_standing(tx: Tx, fingerprint: str) -> Row | None:
    return await tx.one(FIND_STANDING, fingerprint=fingerprint)


async def note_unreachable(tx: Tx, fingerprint: str, now: int) -> None:
    await tx.one(NOTE_UNREACHABLE, fingerprint=fingerprint, now=now)


async def end(tx: Tx, fingerprint: str, because: str, reference: str, now: int) -> bool:
    row = await tx.one(END, fingerprint=fingerprint, because=because, reference=reference, now=now)
    if row is not None:
        tx.tell(SESSIONS_ENDED)
    return row is not None
