"""SQL for API keys."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from cognigy_ai.api_keys.rules import ApiKey, Holder
from cognigy_ai.db.joined_roles import roles_of_user
from cognigy_ai.db.tables import api_keys, organisations, users
from kernel.db import Row, Tx

c, _u, _o = api_keys.c, users.c, organisations.c


def _text(name: str) -> Any:
    return bindparam(name, type_=String)


_now = bindparam("now", type_=BigInteger)
_limit = bindparam("most", type_=Integer)
_is_living = and_(c.revoked_at.is_(None), c.expires_at > _now)

ADD = insert(api_keys).values(
    id=_text("key"),
    fingerprint=_text("mark"),
    hint=_text("hint"),
    name=_text("new_name"),
    owner_id=_text("owner"),
    organisation_id=_text("organisation"),
    created_at=_now,
    expires_at=bindparam("expires_at", type_=BigInteger),
)
READ = select(
    c.id,
    c.hint,
    c.name,
    c.owner_id,
    _u.name.label("owner_name"),
    _u.email.label("owner_email"),
    c.organisation_id,
    c.created_at,
    c.expires_at,
    c.last_used_at,
    c.revoked_at,
).select_from(api_keys.outerjoin(users, _u.id == c.owner_id))
NEWEST_FIRST = (c.created_at.desc(), c.id.desc())
FIND = READ.where(c.id == _text("key"))
LIST_OF_OWNER = READ.where(c.owner_id == _text("owner")).order_by(*NEWEST_FIRST)
LIST_OF_OPERATORS = READ.where(c.organisation_id.is_(None)).order_by(*NEWEST_FIRST)
_there = READ.where(c.organisation_id == _text("organisation"))
LIST_THERE = _there.order_by(*NEWEST_FIRST).limit(_limit)
LIST_THERE_BEFORE = (
    _there.where(
        or_(
            c.created_at < bindparam("before_at", type_=BigInteger),
            and_(
                c.created_at == bindparam("before_at", type_=BigInteger),
                c.id < _text("before_id"),
            ),
        )
    )
    .order_by(*NEWEST_FIRST)
    .limit(_limit)
)
COUNT_LIVING_OF_OWNER = select(func.count().label("number")).where(
    c.owner_id == _text("owner"), _is_living
)
# One statement: the key, its owner's roles, and that nobody on the way lost access.
FIND_HOLDER = (
    select(c.id, c.owner_id, c.organisation_id, c.last_used_at, roles_of_user().label("roles"))
    .select_from(
        api_keys.outerjoin(users, _u.id == c.owner_id).outerjoin(
            organisations, _o.id == c.organisation_id
        )
    )
    .where(
        c.fingerprint == _text("mark"),
        _is_living,
        _u.disabled_at.is_(None),
        _o.suspended_at.is_(None),
    )
)
NOTE_USE = (
    update(api_keys)
    .where(
        c.id == _text("key"),
        or_(
            c.last_used_at.is_(None), c.last_used_at <= bindparam("noted_before", type_=BigInteger)
        ),
    )
    .values(last_used_at=_now)
)
REVOKE = (
    update(api_keys)
    .where(c.id == _text("key"), c.revoked_at.is_(None))
    .values(revoked_at=_now)
    .returning(c.id)
)
END_BY = (
    update(api_keys)
    .where(c.id == _text("key"), _is_living, c.expires_at > bindparam("ends_at", type_=BigInteger))
    .values(expires_at=bindparam("ends_at", type_=BigInteger))
)
_before = bindparam("before", type_=BigInteger)
PRUNE = (
    delete(api_keys).where(or_(c.expires_at <= _before, c.revoked_at <= _before)).returning(c.id)
)


async def add(tx: Tx, **values: object) -> None:
    await tx.one(ADD, **values)


async def find(db: Tx, key_id: str) -> ApiKey | None:
    row = await db.one(FIND, key=key_id)
    return None if row is None else _key(row)


async def list_of_owner(db: Tx, owner_id: str) -> list[ApiKey]:
    return [_key(row) for row in await db.all(LIST_OF_OWNER, owner=owner_id)]


async def list_of_operators(db: Tx) -> list[ApiKey]:
    return [_key(row) for row in await db.all(LIST_OF_OPERATORS)]


async def list_of_organisation(
    db: Tx, organisation_id: str, before: tuple[int, str] | None, most: int
) -> list[ApiKey]:
    """Newest first, from the one after `before` (its time and id)."""
    there = {"organisation": organisation_id, "most": most}
    if before is None:
        rows = await db.all(LIST_THERE, **there)
    else:
        at, key_id = before
        rows = await db.all(LIST_THERE_BEFORE, **there, before_at=at, before_id=key_id)
    return [_key(row) for row in rows]


async def count_living_of_owner(db: Tx, owner_id: str, now: int) -> int:
    row = await db.one(COUNT_LIVING_OF_OWNER, owner=owner_id, now=now)
    assert row is not None
    return int(row["number"])


async def find_holder(db: Tx, mark: str, now: int) -> Holder | None:
    row = await db.one(FIND_HOLDER, mark=mark, now=now)
    if row is None:
        return None
    roles = tuple(sorted(row["roles"].split(","))) if row["roles"] else ()
    return Holder(row["id"], row["owner_id"], row["organisation_id"], roles, row["last_used_at"])


async def note_use(db: Tx, key_id: str, now: int, noted_before: int) -> None:
    await db.one(NOTE_USE, key=key_id, now=now, noted_before=noted_before)


async def revoke(tx: Tx, key_id: str, now: int) -> bool:
    """False if it was revoked already."""
    return await tx.one(REVOKE, key=key_id, now=now) is not None


async def end_by(tx: Tx, key_id: str, now: int, ends_at: int) -> None:
    """A living key ends then, if it would have lived longer."""
    await tx.one(END_BY, key=key_id, now=now, ends_at=ends_at)


async def prune(db: Tx, before: int) -> int:
    return len(await db.all(PRUNE, before=before))


def _key(row: Row) -> ApiKey:
    return ApiKey(
        id=row["id"],
        hint=row["hint"],
        name=row["name"],
        owner_id=row["owner_id"],
        owner_name=row["owner_name"],
        owner_email=row["owner_email"],
        organisation_id=row["organisation_id"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
