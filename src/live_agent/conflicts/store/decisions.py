"""SQL for decisions."""

import json
from collections.abc import Mapping

from sqlalchemy import BigInteger, bindparam, case, insert, or_, select, update

from kernel.db import Row, Tx
from live_agent.conflicts.rules import Conflict, Decision, Outcome, Verdict, decision_from
from live_agent.db.tables import decisions, users

_c = decisions.c
_now = bindparam("now", type_=BigInteger)
_open = _c.ended_at.is_(None)
_of_identity = (
    _c.account_id == bindparam("account_id"),
    _c.issuer == bindparam("issuer"),
    _c.subject == bindparam("subject"),
)
_one = _c.id == bindparam("decision_id")
_decider, _approver = users.alias("decider"), users.alias("approver")
_READ = (
    select(
        decisions,
        _decider.c.name.label("decided_by_name"),
        _approver.c.name.label("approved_by_name"),
    )
    .join(_decider, _decider.c.id == _c.decided_by, isouter=True)
    .join(_approver, _approver.c.id == _c.approved_by, isouter=True)
)
_ADD = insert(decisions)
# A rejected identity is rejected whatever address it shows; the rest is for the address seen.
_IN_FORCE = select(decisions).where(
    *_of_identity,
    _open,
    _c.approved_at.is_not(None),
    _c.expires_at > _now,
    or_(_c.email_key == bindparam("email_key"), _c.outcome == Outcome.REJECT.value),
)
_ALL_IN_FORCE = select(decisions).where(
    _c.account_id == bindparam("account_id"),
    _c.issuer == bindparam("issuer"),
    _open,
    _c.approved_at.is_not(None),
    _c.expires_at > _now,
)
# Of one identity one decision at most is open: a newer one takes the place of what is left.
_CLEAR = (
    update(decisions)
    .where(*_of_identity, _open)
    .values(ended_at=_now, ended_because=case((_c.expires_at <= _now, "expired"), else_="replaced"))
)
_END = (
    update(decisions)
    .where(_one, _open)
    .values(ended_at=_now, ended_because=bindparam("because"), ended_by=bindparam("ended_by"))
    .returning(_c.conflict_id)
)
_APPROVE = (
    update(decisions)
    .where(_one, _open, _c.approved_at.is_(None), _c.expires_at > _now)
    .values(
        approved_by=bindparam("approved_by"),
        approved_at=_now,
        expires_at=bindparam("until", type_=BigInteger),
    )
    .returning(_c.conflict_id)
)
_OF_CONFLICT = _READ.where(
    _c.account_id == bindparam("account_id"), _c.conflict_id == bindparam("conflict_id")
).order_by(_c.decided_at.desc(), _c.id.desc())
_OPEN_OF_ACCOUNT = _READ.where(_c.account_id == bindparam("account_id"), _open)


async def add(tx: Tx, values: Mapping[str, object]) -> None:
    await tx.one(_ADD, **values)


async def find_in_force(
    tx: Tx, account_id: int, identity: tuple[str, str], email_key: str, now: int
) -> Verdict | None:
    issuer, subject = identity
    row = await tx.one(
        _IN_FORCE,
        account_id=account_id,
        issuer=issuer,
        subject=subject,
        email_key=email_key,
        now=now,
    )
    return _verdict_from(row) if row else None


async def list_in_force(
    tx: Tx, account_id: int, issuer: str, now: int
) -> list[tuple[str, str, Verdict]]:
    """Subject, address and decision of every identity of the issuer."""
    rows = await tx.all(_ALL_IN_FORCE, account_id=account_id, issuer=issuer, now=now)
    return [(row["subject"], row["email_key"], _verdict_from(row)) for row in rows]


async def clear(tx: Tx, account_id: int, identity: tuple[str, str], now: int) -> None:
    issuer, subject = identity
    await tx.one(_CLEAR, account_id=account_id, issuer=issuer, subject=subject, now=now)


async def end(tx: Tx, decision_id: str, because: str, by: str | None, now: int) -> bool:
    row = await tx.one(_END, decision_id=decision_id, because=because, ended_by=by, now=now)
    return row is not None


async def approve(tx: Tx, decision_id: str, by: str, until: int, now: int) -> bool:
    row = await tx.one(_APPROVE, decision_id=decision_id, approved_by=by, until=until, now=now)
    return row is not None


async def list_of_conflict(tx: Tx, account_id: int, conflict_id: str) -> list[Decision]:
    rows = await tx.all(_OF_CONFLICT, account_id=account_id, conflict_id=conflict_id)
    return [decision_from(row) for row in rows]


async def list_open(tx: Tx, account_id: int) -> list[Decision]:
    return [decision_from(row) for row in await tx.all(_OPEN_OF_ACCOUNT, account_id=account_id)]


def _verdict_from(row: Row) -> Verdict:
    return Verdict(
        decision_id=row["id"],
        outcome=Outcome(row["outcome"]),
        kind=Conflict(row["kind"]),
        user_ids=tuple(json.loads(row["user_ids"])),
        user_id=row["user_id"],
        decided_by=row["decided_by"],
    )
