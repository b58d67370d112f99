"""SQL for the rows of imports, and the people whom rows are about."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from cognigy_ai.db.joined_roles import roles_of_user
from cognigy_ai.db.tables import import_rows, imports, users
from cognigy_ai.imports import rules
from cognigy_ai.imports.rules import Counts, Decision, Import, NewRow, Person
from cognigy_ai.users.rules import parse_roles
from kernel.db import Row, Tx
from kernel.json_rows import JsonRows, as_json

c, r = imports.c, import_rows.c
_import = bindparam("import", type_=String)
_organisation = bindparam("organisation", type_=String)
_now = bindparam("now", type_=BigInteger)
_number = bindparam("of_number", type_=Integer)
_most = bindparam("most", type_=Integer)
SPENT = ""
_new = JsonRows("new_rows")
_asked = JsonRows("asked")

ADD_ROWS = insert(import_rows).from_select(
    ["import_id", "number", "sealed_row", "fate", "detail"],
    select(
        _import, _new.integer("number"), _new.text("sealed"), _new.text("fate"), _new.text("detail")
    ),
)
NEXT_ROWS = (
    select(r.number)
    .where(r.import_id == _import, r.done_at.is_(None))
    .order_by(r.number)
    .limit(_most)
)
# Rows are locked after their import by everybody, or a stop and a row could wait for each other.
LOCK = select(c.id).where(c.id == _import, c.state == rules.RUNNING).with_for_update()
# Of two processes the second waits, and then finds the row done or emptied.
CLAIM = (
    update(import_rows)
    .where(r.import_id == _import, r.number == _number, r.done_at.is_(None), r.sealed_row != SPENT)
    .values(done_at=_now)
    .returning(r.sealed_row)
)
SETTLE = (
    update(import_rows)
    .where(r.import_id == _import, r.number == _number)
    .values(
        sealed_row=SPENT,
        fate=bindparam("new_fate", type_=String),
        detail=bindparam("new_detail", type_=String),
        user_id=bindparam("user", type_=String),
    )
)
COUNT_ONE = update(imports).where(c.id == _import).values(done=c.done + 1)
DECLINE = (
    update(import_rows)
    .where(
        r.import_id == _import,
        r.done_at.is_(None),
        r.number.in_(select(_asked.integer("number"))),
        select(c.id).where(c.id == _import, c.state == rules.CHECKED).exists(),
    )
    .values(sealed_row=SPENT, fate=rules.REFUSED, detail=rules.Reason.DECLINED.value, done_at=_now)
    .returning(r.number)
)
COUNT_SOME = (
    update(imports).where(c.id == _import).values(done=c.done + bindparam("more", type_=Integer))
)
LOCK_CHECKED = select(c.id).where(c.id == _import, c.state == rules.CHECKED).with_for_update()
FORGET_REST = (
    update(import_rows)
    .where(r.import_id == _import, r.done_at.is_(None))
    .values(sealed_row=SPENT, fate=rules.NOT_DONE, detail="")
)
COUNT = (
    select(r.fate, r.detail, func.count().label("rows"))
    .where(r.import_id == _import, r.fate == rules.REFUSED)
    .group_by(r.fate, r.detail)
    .union_all(
        select(r.fate, bindparam("no_detail", "", type_=Text), func.count().label("rows"))
        .where(r.import_id == _import, r.fate != rules.REFUSED)
        .group_by(r.fate)
    )
)
_ROWS: Select[Any] = (
    select(import_rows, users.c.email)
    .join_from(
        import_rows,
        users,
        and_(users.c.id == r.user_id, users.c.organisation_id == _organisation),
        isouter=True,
    )
    .where(r.import_id == _import)
    .limit(_most)
)
_of_fate = r.fate == bindparam("fate", type_=String)
_after = _ROWS.where(r.number > _number).order_by(r.number)
_before = _ROWS.where(r.number < _number).order_by(r.number.desc())
# by: is one fate asked for, and does the reader go back
ROWS = {
    (False, False): _after,
    (True, False): _after.where(_of_fate),
    (False, True): _before,
    (True, True): _before.where(_of_fate),
}
PEOPLE = select(
    users.c.id, users.c.email_key, users.c.name, users.c.locale, roles_of_user().label("roles")
).where(
    users.c.organisation_id == _organisation,
    users.c.email_key.in_(select(_asked.text("email_key"))),
)


async def add_rows(tx: Tx, import_id: str, rows: Sequence[NewRow]) -> None:
    """In one statement."""
    new_rows = [
        {
            "number": row.number,
            "sealed": row.sealed,
            "fate": row.decision.fate,
            "detail": row.decision.detail,
        }
        for row in rows
    ]
    await tx.one(ADD_ROWS, **{"import": import_id}, new_rows=as_json(new_rows))


async def next_rows(db: Tx, import_id: str, most: int) -> list[int]:
    rows = await db.all(NEXT_ROWS, **{"import": import_id}, most=most)
    return [row["number"] for row in rows]


async def claim(tx: Tx, import_id: str, number: int, now: int) -> str | None:
    """The row as it was sealed; None if it is done or forgotten, or the import was stopped."""
    if await tx.one(LOCK, **{"import": import_id}) is None:
        return None
    row = await tx.one(CLAIM, **{"import": import_id}, of_number=number, now=now)
    return None if row is None else str(row["sealed_row"])


async def settle(
    tx: Tx, import_id: str, number: int, decision: Decision, user_id: str | None
) -> None:
    """What became of it; what was typed is no longer kept."""
    await tx.one(
        SETTLE,
        **{"import": import_id},
        of_number=number,
        new_fate=decision.fate,
        new_detail=decision.detail,
        user=user_id,
    )
    await tx.one(COUNT_ONE, **{"import": import_id})


async def decline(tx: Tx, import_id: str, numbers: Iterable[int], now: int) -> int:
    """Rows of a list that is not started; returns how many there were."""
    if await tx.one(LOCK_CHECKED, **{"import": import_id}) is None:
        return 0
    asked = as_json({"number": number} for number in numbers)
    declined = await tx.all(DECLINE, **{"import": import_id}, asked=asked, now=now)
    if declined:
        await tx.one(COUNT_SOME, **{"import": import_id}, more=len(declined))
    return len(declined)


async def forget_rest(tx: Tx, import_id: str) -> None:
    """What was not done when the import was stopped."""
    await tx.one(FORGET_REST, **{"import": import_id})


async def count(db: Tx, import_id: str) -> Counts:
    rows = await db.all(COUNT, **{"import": import_id})
    fates: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for row in rows:
        fates[row["fate"]] = fates.get(row["fate"], 0) + row["rows"]
        if row["fate"] == rules.REFUSED:
            reasons[row["detail"]] = row["rows"]
    return Counts(fates, reasons)


async def list_rows(
    db: Tx, found: Import, fate: str | None, number: int, most: int, *, back: bool
) -> list[Row]:
    """In the order of the file, beside a number. Names are in `sealed_row`, or with the people."""
    values: dict[str, Any] = {
        "import": found.id,
        "organisation": found.organisation_id,
        "of_number": number,
        "most": most,
    }
    if fate is not None:
        values["fate"] = fate
    rows = await db.all(ROWS[fate is not None, back], **values)
    return rows[::-1] if back else rows


async def find_people(
    db: Tx, organisation_id: str, email_keys: Iterable[str]
) -> Mapping[str, Person]:
    """Whom the organisation has of these addresses."""
    asked = as_json({"email_key": key} for key in dict.fromkeys(email_keys))
    return {
        row["email_key"]: Person(row["id"], row["name"], row["locale"], parse_roles(row["roles"]))
        for row in await db.all(PEOPLE, organisation=organisation_id, asked=asked)
    }
