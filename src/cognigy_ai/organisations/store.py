"""SQL for organisations."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Integer, String, bindparam, func, insert, select, update

from cognigy_ai.db.endings import end_access_of_organisation
from cognigy_ai.db.members import count_members
from cognigy_ai.db.tables import organisations
from cognigy_ai.organisations.rules import Organisation
from kernel.db import Row, Tx
from kernel.json_rows import JsonRows, as_json

__all__ = [
    "add",
    "count_members",
    "end_access_of_organisation",
    "find",
    "keep_live_agent_account",
    "list_",
    "list_page",
    "list_set_up",
    "list_several",
    "put_live_agent_account",
    "rename",
    "resume",
    "set_policy",
    "set_two_step_required",
    "suspend",
]

c = organisations.c
_id = bindparam("organisation", type_=String)
_now = bindparam("now", type_=BigInteger)
_account = bindparam("account", type_=Integer)

FIND = select(organisations).where(c.id == _id)
LIST = select(organisations).order_by(c.name, c.id)
_asked = JsonRows("asked")
LIST_SEVERAL = select(organisations).where(c.id.in_(select(_asked.text("id"))))
LIST_SET_UP = (
    select(organisations)
    .where(c.live_agent_account.is_not(None))
    .order_by(c.live_agent_set_up_at.desc(), c.id)
    .limit(bindparam("most", type_=Integer))
)
_named = func.lower(c.name).contains(func.lower(bindparam("words", type_=String)), escape="/")
LIST_PAGE = (
    select(organisations)
    .where(_named)
    .order_by(c.name, c.id)
    .limit(bindparam("most", type_=Integer))
    .offset(bindparam("skip", type_=Integer))
)
ADD = insert(organisations).values(id=_id, name=bindparam("new_name"), created_at=_now)
RENAME = update(organisations).where(c.id == _id).values(name=bindparam("new_name"))
SUSPEND = (
    update(organisations)
    .where(c.id == _id, c.suspended_at.is_(None))
    .values(suspended_at=_now)
    .returning(organisations)
)
RESUME = (
    update(organisations)
    .where(c.id == _id, c.suspended_at.is_not(None))
    .values(suspended_at=None)
    .returning(organisations)
)
KEEP_LIVE_AGENT_ACCOUNT = (
    update(organisations)
    .where(c.id == _id, c.live_agent_account.is_(None))
    .values(live_agent_account=_account, live_agent_set_up_at=_now)
    .returning(organisations)
)
PUT_LIVE_AGENT_ACCOUNT = (
    update(organisations)
    .where(c.id == _id)
    .values(
        live_agent_account=_account,
        live_agent_set_up_at=bindparam("at", type_=BigInteger),
    )
    .returning(organisations)
)
SET_POLICY = (
    update(organisations)
    .where(c.id == _id, c.password_policy.is_distinct_from(bindparam("policy", type_=String)))
    .values(password_policy=bindparam("policy", type_=String))
    .returning(c.id)
)
SET_TWO_STEP_REQUIRED = (
    update(organisations)
    .where(c.id == _id, c.two_step_required != bindparam("required", type_=Integer))
    .values(two_step_required=bindparam("required", type_=Integer))
    .returning(c.id)
)


async def find(db: Tx, organisation_id: str) -> Organisation | None:
    row = await db.one(FIND, organisation=organisation_id)
    return None if row is None else _organisation(row)


async def list_(db: Tx) -> list[Organisation]:
    return [_organisation(row) for row in await db.all(LIST)]


async def list_several(db: Tx, ids: Sequence[str]) -> list[Organisation]:
    asked = as_json({"id": id_} for id_ in ids)
    return [_organisation(row) for row in await db.all(LIST_SEVERAL, asked=asked)]


async def list_set_up(db: Tx, most: int) -> list[Organisation]:
    """Those that have an account of Live Agent, the newest set-up first."""
    return [_organisation(row) for row in await db.all(LIST_SET_UP, most=most)]


async def list_page(db: Tx, words: str, most: int, skip: int) -> list[Organisation]:
    """Those whose name holds the words, in any case of letters."""
    escaped = words.replace("/", "//").replace("%", "/%").replace("_", "/_")
    rows = await db.all(LIST_PAGE, words=escaped, most=most, skip=skip)
    return [_organisation(row) for row in rows]


async def add(tx: Tx, organisation: Organisation) -> None:
    """Raises UniqueViolation if the id is taken."""
    await tx.one(
        ADD,
        organisation=organisation.id,
        new_name=organisation.name,
        now=organisation.created_at,
    )


async def rename(tx: Tx, organisation_id: str, name: str) -> None:
    await tx.one(RENAME, organisation=organisation_id, new_name=name)


async def suspend(tx: Tx, organisation_id: str, now: int) -> Organisation | None:
    """As it is now; None if it was suspended already."""
    row = await tx.one(SUSPEND, organisation=organisation_id, now=now)
    return None if row is None else _organisation(row)


async def resume(tx: Tx, organisation_id: str) -> Organisation | None:
    """As it is now; None if it was not suspended."""
    row = await tx.one(RESUME, organisation=organisation_id)
    return None if row is None else _organisation(row)


async def keep_live_agent_account(
    tx: Tx, organisation_id: str, account: int, now: int
) -> Organisation | None:
    """As it is now; None if it has an account already."""
    row = await tx.one(
        KEEP_LIVE_AGENT_ACCOUNT, organisation=organisation_id, account=account, now=now
    )
    return None if row is None else _organisation(row)


async def put_live_agent_account(
    tx: Tx, organisation_id: str, account: int | None, now: int
) -> Organisation | None:
    """Whatever it had before; None takes the number away."""
    at = None if account is None else now
    row = await tx.one(PUT_LIVE_AGENT_ACCOUNT, organisation=organisation_id, account=account, at=at)
    return None if row is None else _organisation(row)


async def set_policy(tx: Tx, organisation_id: str, policy_json: str | None) -> bool:
    """False if it was so."""
    return await tx.one(SET_POLICY, organisation=organisation_id, policy=policy_json) is not None


async def set_two_step_required(tx: Tx, organisation_id: str, *, required: bool) -> bool:
    """False if it was so."""
    values = {"organisation": organisation_id, "required": int(required)}
    return await tx.one(SET_TWO_STEP_REQUIRED, **values) is not None


def _organisation(row: Row) -> Organisation:
    return Organisation(
        id=row["id"],
        name=row["name"],
        created_at=row["created_at"],
        suspended_at=row["suspended_at"],
        live_agent_account=row["live_agent_account"],
        live_agent_set_up_at=row["live_agent_set_up_at"],
        policy_json=row["password_policy"],
        two_step_required=bool(row["two_step_required"]),
    )
