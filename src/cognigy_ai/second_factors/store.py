"""SQL for second factors and recovery codes."""

from sqlalchemy import BigInteger, String, Text, bindparam, delete, func, insert, select, update

from cognigy_ai.db.tables import recovery_codes, second_factors
from cognigy_ai.second_factors.rules import Factor
from kernel.db import Tx

c, r = second_factors.c, recovery_codes.c
_user = bindparam("user", type_=String)
_now = bindparam("now", type_=BigInteger)
_step = bindparam("step", type_=BigInteger)
_sealed = bindparam("sealed", type_=Text)
_code = bindparam("code", type_=String)

FIND = select(c.sealed_secret, c.last_step, c.created_at).where(c.user_id == _user)
# Attempts of one person wait for each other: none is judged by a count that is not written yet.
LOCK = FIND.with_for_update()  # SQLite has one writer and no such clause
ADD = insert(second_factors).values(
    user_id=_user, sealed_secret=_sealed, last_step=_step, created_at=_now
)
USE = (
    update(second_factors)
    .where(c.user_id == _user, c.last_step < _step)
    .values(last_step=_step, sealed_secret=_sealed)
    .returning(c.user_id)
)
REMOVE = delete(second_factors).where(c.user_id == _user).returning(c.user_id)
ADD_CODE = insert(recovery_codes).values(user_id=_user, fingerprint=_code, created_at=_now)
FORGET_CODES = delete(recovery_codes).where(r.user_id == _user)
USE_CODE = (
    update(recovery_codes)
    .where(r.user_id == _user, r.fingerprint == _code, r.used_at.is_(None))
    .values(used_at=_now)
    .returning(r.user_id)
)
COUNT_CODES = (
    select(func.count().label("number"))
    .select_from(recovery_codes)
    .where(r.user_id == _user, r.used_at.is_(None))
)


async def find(db: Tx, user_id: str) -> Factor | None:
    row = await db.one(FIND, user=user_id)
    return None if row is None else Factor(**row)


async def lock(tx: Tx, user_id: str) -> Factor | None:
    """The same, until the end of the transaction for this one alone."""
    row = await tx.one(LOCK, user=user_id)
    return None if row is None else Factor(**row)


async def add(tx: Tx, user_id: str, sealed: str, step: int, now: int) -> None:
    """Raises UniqueViolation if the person has one."""
    await tx.one(ADD, user=user_id, sealed=sealed, step=step, now=now)


async def use(tx: Tx, user_id: str, step: int, sealed: str) -> bool:
    """False if a one-time password of that step or a later one was used before."""
    return await tx.one(USE, user=user_id, step=step, sealed=sealed) is not None


async def remove(tx: Tx, user_id: str) -> bool:
    """False if there was none."""
    await tx.one(FORGET_CODES, user=user_id)
    return await tx.one(REMOVE, user=user_id) is not None


async def replace_codes(tx: Tx, user_id: str, fingerprints: list[str], now: int) -> None:
    await tx.one(FORGET_CODES, user=user_id)
    for code in fingerprints:
        await tx.one(ADD_CODE, user=user_id, code=code, now=now)


async def use_code(tx: Tx, user_id: str, code: str, now: int) -> bool:
    """Of two simultaneous uses one succeeds."""
    return await tx.one(USE_CODE, user=user_id, code=code, now=now) is not None


async def count_codes(db: Tx, user_id: str) -> int:
    row = await db.one(COUNT_CODES, user=user_id)
    assert row is not None
    return int(row["number"])
