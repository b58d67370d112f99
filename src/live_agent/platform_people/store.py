"""SQL for what the platform said of people."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import BigInteger, Integer, bindparam, delete, insert, select, update

from kernel.db import Row, Tx
from kernel.json_rows import JsonRows, as_json
from kernel.upsert import upsert
from live_agent.db.tables import platform_people, platform_readings, users
from live_agent.platform_people.rules import Failure, Person, Reading, loose_key

_p, _r = platform_people.c, platform_readings.c
_account = bindparam("account_id", type_=Integer)
_now = bindparam("now", type_=BigInteger)
_of_account = _r.account_id == _account
_new = JsonRows("new_people")

_LEASE = (
    upsert(platform_readings)
    .values(account_id=_account, asked_at=_now, leased_until=bindparam("until"), people=0)
    .on_conflict_do_update(
        index_elements=[_r.account_id],
        set_={"asked_at": _now, "leased_until": bindparam("until")},
        where=(_r.leased_until <= _now)
        & (_r.asked_at <= bindparam("asked_before", type_=BigInteger)),
    )
    .returning(_r.account_id)
)
_FIND = select(platform_readings).where(_of_account)
_CLEAR = delete(platform_people).where(_p.account_id == _account)
_ADD = insert(platform_people).from_select(
    [
        "account_id", "subject", "email", "email_key", "loose_key", "email_verified", "name",
        "locale", "roles", "access_revision", "disabled",
    ],
    select(
        _account, _new.text("subject"), _new.text("email"), _new.text("email_key"),
        _new.text("loose_key"), _new.integer("email_verified"), _new.text("name"),
        _new.text("locale"), _new.text("roles"), _new.big("access_revision"),
        _new.integer("disabled"),
    ),
)  # fmt: skip
_SUCCEEDED = (
    update(platform_readings)
    .where(_of_account, _r.leased_until == bindparam("until"))
    .values(leased_until=0, read_at=_now, people=bindparam("people"), failure=None, failed_at=None)
    .returning(_r.account_id)
)
_FAILED = (
    update(platform_readings)
    .where(_of_account, _r.leased_until == bindparam("until"))
    .values(leased_until=0, failure=bindparam("failure"), failed_at=_now)
)
_FORGET = delete(platform_readings).where(_of_account)
_LIST = select(platform_people).where(_p.account_id == _account).order_by(_p.email_key, _p.subject)
_KNOWN = select(users.c.email, users.c.subject).where(users.c.account_id == _account)


async def lease(tx: Tx, account_id: int, asked_before: int, until: int, now: int) -> bool:
    """False if another process asks, or asked a moment ago."""
    row = await tx.one(
        _LEASE, account_id=account_id, asked_before=asked_before, until=until, now=now
    )
    return row is not None


async def find(tx: Tx, account_id: int, now: int) -> Reading | None:
    row = await tx.one(_FIND, account_id=account_id)
    return None if row is None else _reading_of(row, now)


async def list_known(tx: Tx, account_id: int) -> tuple[frozenset[str], frozenset[str]]:
    """The account's own people: their subjects, and their addresses as `loose_key` makes them."""
    rows = await tx.all(_KNOWN, account_id=account_id)
    subjects = frozenset(row["subject"] for row in rows if row["subject"] is not None)
    return subjects, frozenset(loose_key(row["email"]) for row in rows if row["email"])


async def replace(
    tx: Tx, account_id: int, found: Iterable[Person], people: int, until: int, now: int
) -> bool:
    """False if the lease was lost: what somebody read later stays."""
    kept = await tx.one(_SUCCEEDED, account_id=account_id, people=people, until=until, now=now)
    if kept is None:
        return False
    await tx.one(_CLEAR, account_id=account_id)
    rows = [_row_of(person) for person in found]
    if rows:
        await tx.one(_ADD, account_id=account_id, new_people=as_json(rows))
    return True


async def note_failure(tx: Tx, account_id: int, failure: Failure, until: int, now: int) -> None:
    await tx.one(_FAILED, account_id=account_id, failure=failure.name, until=until, now=now)


async def forget(tx: Tx, account_id: int) -> None:
    await tx.one(_CLEAR, account_id=account_id)
    await tx.one(_FORGET, account_id=account_id)


async def list_people(tx: Tx, account_id: int) -> list[Person]:
    return [_person_of(row) for row in await tx.all(_LIST, account_id=account_id)]


def _row_of(person: Person) -> dict[str, object]:
    return asdict(person) | {
        "email_key": person.email_key,
        "loose_key": loose_key(person.email),
        "email_verified": int(person.email_verified),
        "roles": " ".join(person.roles),
        "disabled": int(person.disabled),
    }


def _person_of(row: Row) -> Person:
    return Person(
        subject=row["subject"],
        email=row["email"],
        email_verified=bool(row["email_verified"]),
        name=row["name"],
        locale=row["locale"],
        roles=tuple(row["roles"].split()),
        access_revision=row["access_revision"],
        disabled=bool(row["disabled"]),
    )


def _reading_of(row: Row, now: int) -> Reading:
    return Reading(
        asked_at=row["asked_at"],
        asking=row["leased_until"] > now,
        read_at=row["read_at"],
        people=row["people"],
        failure=None if row["failure"] is None else Failure[row["failure"]],
        failed_at=row["failed_at"],
    )
