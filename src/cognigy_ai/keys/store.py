"""SQL for signing keys."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, func, insert, select, update

from cognigy_ai.db.tables import signing_keys
from cognigy_ai.keys.rules import KeyTimes
from kernel.db import Tx
from kernel.upsert import upsert

c = signing_keys.c

LIST = select(signing_keys).order_by(c.alg, c.generation)
ADD_FIRST = upsert(signing_keys).on_conflict_do_nothing(index_elements=[c.alg, c.generation])
ADD = insert(signing_keys)
NEWEST = select(func.coalesce(func.max(c.generation), 0).label("generation")).where(
    c.alg == bindparam("of_alg")
)
REVOKE_OLDER = (
    update(signing_keys)
    .where(
        c.alg == bindparam("of_alg"),
        c.generation < bindparam("below"),
        c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now", type_=BigInteger))
)
REVOKE = (
    update(signing_keys)
    .where(c.kid == bindparam("of_kid"), c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now", type_=BigInteger))
    .returning(c.kid)
)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key's times and its sealed private JWK."""

    times: KeyTimes
    sealed_jwk: str


async def list_keys(db: Tx) -> list[KeyRow]:
    rows = await db.all(LIST)
    return [
        KeyRow(
            KeyTimes(
                kid=row["kid"],
                alg=row["alg"],
                generation=row["generation"],
                created_at=row["created_at"],
                active_from=row["active_from"],
                revoked_at=row["revoked_at"],
            ),
            row["sealed_jwk"],
        )
        for row in rows
    ]


async def add_first(tx: Tx, key: KeyRow) -> None:
    """Nothing happens if the algorithm has its first key already."""
    await tx.one(ADD_FIRST, **_values(key))


async def newest_generation(tx: Tx, alg: str) -> int:
    row = await tx.one(NEWEST, of_alg=alg)
    assert row is not None
    return int(row["generation"])


async def add(tx: Tx, key: KeyRow) -> None:
    await tx.one(ADD, **_values(key))


async def revoke_older(tx: Tx, alg: str, generation: int, now: int) -> None:
    await tx.one(REVOKE_OLDER, of_alg=alg, below=generation, now=now)


async def revoke(tx: Tx, kid: str, now: int) -> bool:
    """False if it was revoked already."""
    return await tx.one(REVOKE, of_kid=kid, now=now) is not None


def _values(key: KeyRow) -> dict[str, object]:
    times = key.times
    return {
        "kid": times.kid,
        "alg": times.alg,
        "generation": times.generation,
        "created_at": times.created_at,
        "active_from": times.active_from,
        "revoked_at": times.revoked_at,
        "sealed_jwk": key.sealed_jwk,
    }
