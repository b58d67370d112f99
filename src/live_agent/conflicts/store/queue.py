"""SQL for conflicts."""

import json
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, or_, select, update

from kernel.db import Row, Tx
from kernel.emails import email_key
from kernel.opaque import new_id
from kernel.upsert import upsert
from live_agent.conflicts.rules import Case, Conflict, Dispute
from live_agent.db.tables import accounts, conflicts, decisions

_c = conflicts.c
_now = bindparam("now", type_=BigInteger)
_said: dict[str, Any] = {
    name: bindparam(name) for name in ("email", "name", "email_verified", "roles")
}
_NOTE = (
    upsert(conflicts)
    .values(
        id=bindparam("id"),
        account_id=bindparam("account_id"),
        kind=bindparam("kind"),
        issuer=bindparam("issuer"),
        subject=bindparam("subject"),
        email_key=bindparam("email_key"),
        user_ids=bindparam("user_ids"),
        reference=bindparam("reference"),
        first_at=_now,
        last_at=_now,
        times=1,
        resolved_at=None,
        **_said,
    )
    .on_conflict_do_update(
        index_elements=[_c.account_id, _c.kind, _c.issuer, _c.subject, _c.email_key],
        set_={
            "user_ids": bindparam("user_ids"),
            "reference": bindparam("reference"),
            "last_at": _now,
            "times": _c.times + 1,
            "resolved_at": None,
            **_said,
        },
    )
)
_CASE = select(conflicts, accounts.c.name.label("account_name")).join(
    accounts, accounts.c.id == _c.account_id
)
_LIST = _CASE.where(_c.resolved_at.is_(None), accounts.c.deleted_at.is_(None)).order_by(
    _c.last_at.desc(), _c.id
)
# Open ones first, and those that were decided lately.
_OF_ACCOUNT = (
    _CASE.where(
        _c.account_id == bindparam("account_id"),
        or_(
            _c.resolved_at.is_(None),
            _c.resolved_at > bindparam("resolved_after", type_=BigInteger),
        ),
    )
    .order_by(_c.resolved_at.is_not(None), _c.last_at.desc(), _c.id)
    .limit(bindparam("most"))
)
_GET = _CASE.where(_c.account_id == bindparam("account_id"), _c.id == bindparam("id"))
_FIND = _CASE.where(
    _c.account_id == bindparam("account_id"),
    _c.kind == bindparam("kind"),
    _c.issuer == bindparam("issuer"),
    _c.subject == bindparam("subject"),
    _c.email_key == bindparam("email_key"),
)
_RESOLVE = (
    update(conflicts)
    .where(_c.id == bindparam("conflict_id"))
    .values(resolved_at=bindparam("resolved_at", type_=BigInteger))
)
_DELETE = delete(conflicts).where(_c.account_id == bindparam("account_id"))
_DELETE_DECISIONS = delete(decisions).where(decisions.c.account_id == bindparam("account_id"))
_PRUNE = (
    delete(conflicts)
    .where(_c.resolved_at <= bindparam("before", type_=BigInteger))
    .returning(_c.id)
)


async def note(tx: Tx, dispute: Dispute, reference: str, now: int) -> None:
    await tx.one(
        _NOTE,
        id=new_id("cf_"),
        account_id=dispute.account_id,
        kind=dispute.kind.value,
        issuer=dispute.issuer,
        subject=dispute.subject,
        email_key=email_key(dispute.email),
        user_ids=json.dumps(dispute.user_ids),
        reference=reference,
        email=dispute.email[:320],
        name=dispute.name[:200],
        email_verified=int(dispute.email_verified),
        roles=" ".join(dispute.roles)[:200],
        now=now,
    )


async def list_open(tx: Tx) -> list[Row]:
    return await tx.all(_LIST)


async def list_of_account(tx: Tx, account_id: int, resolved_after: int, most: int) -> list[Case]:
    rows = await tx.all(
        _OF_ACCOUNT, account_id=account_id, resolved_after=resolved_after, most=most
    )
    return [_case_from(row) for row in rows]


async def get(tx: Tx, account_id: int, conflict_id: str) -> Case | None:
    row = await tx.one(_GET, account_id=account_id, id=conflict_id)
    return _case_from(row) if row else None


async def find(tx: Tx, dispute: Dispute) -> Case | None:
    row = await tx.one(
        _FIND,
        account_id=dispute.account_id,
        kind=dispute.kind.value,
        issuer=dispute.issuer,
        subject=dispute.subject,
        email_key=email_key(dispute.email),
    )
    return _case_from(row) if row else None


async def resolve(tx: Tx, conflict_id: str, at: int | None) -> None:
    await tx.one(_RESOLVE, conflict_id=conflict_id, resolved_at=at)


async def delete_of_account(tx: Tx, account_id: int) -> None:
    await tx.one(_DELETE, account_id=account_id)
    await tx.one(_DELETE_DECISIONS, account_id=account_id)


async def prune(tx: Tx, before: int) -> int:
    return len(await tx.all(_PRUNE, before=before))


def _case_from(row: Row) -> Case:
    return Case(
        id=row["id"],
        account_id=row["account_id"],
        account_name=row["account_name"],
        kind=Conflict(row["kind"]),
        issuer=row["issuer"],
        subject=row["subject"],
        email=row["email"] or row["email_key"],
        email_key=row["email_key"],
        name=row["name"],
        email_verified=bool(row["email_verified"]),
        roles=tuple(row["roles"].split()),
        user_ids=tuple(json.loads(row["user_ids"])),
        reference=row["reference"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        times=row["times"],
        resolved_at=row["resolved_at"],
    )
