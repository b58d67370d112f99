"""SQL for sessions."""

from sqlalchemy import BigInteger, String, bindparam, delete, insert, select, update

from cognigy_ai.db.endings import end_access_of_user, end_session, revoke_grants_of_session
from cognigy_ai.db.joined_roles import roles_of_user
from cognigy_ai.db.tables import organisations, sessions, users
from cognigy_ai.sessions.rules import Session
from cognigy_ai.users.rules import User, parse_roles
from kernel.db import Row, Tx

__all__ = ["end_access_of_user", "end_session", "revoke_grants_of_session"]

c = sessions.c
_now = bindparam("now", type_=BigInteger)
_read = (
    select(
        c.id.label("session_id"),
        c.auth_time,
        c.amr,
        c.expires_at,
        users.c.id,
        users.c.organisation_id,
        organisations.c.name.label("organisation_name"),
        users.c.email,
        users.c.email_verified,
        users.c.name,
        users.c.locale,
        users.c.access_revision,
        roles_of_user().label("roles"),
    )
    .join_from(sessions, users)
    .join(organisations)
    .where(
        c.ended_at.is_(None),
        c.expires_at > _now,
        users.c.disabled_at.is_(None),
        organisations.c.suspended_at.is_(None),
    )
)

FIND = _read.where(c.fingerprint == bindparam("secret"))
FIND_BY_ID = _read.where(c.id == bindparam("session"))
LIST = (
    select(c.id, c.created_at, c.expires_at, c.user_agent)
    .where(c.user_id == bindparam("user"), c.ended_at.is_(None), c.expires_at > _now)
    .order_by(c.created_at.desc())
)
ADD = insert(sessions).values(
    {
        name: bindparam(name)
        for name in (
            "id", "fingerprint", "user_id", "auth_time", "amr", "created_at", "expires_at",
            "user_agent", "seen_at",
        )
    }
)  # fmt: skip
END_BY_SECRET = (
    update(sessions)
    .where(c.fingerprint == bindparam("secret", type_=String), c.ended_at.is_(None))
    .values(ended_at=_now)
)
# An ID token of the session may come back as `id_token_hint` for a while.
KEPT_AFTER_END_SECONDS = 30 * 24 * 3600
PRUNE = delete(sessions).where(c.expires_at <= _now - KEPT_AFTER_END_SECONDS).returning(c.id)


async def find(db: Tx, fingerprint: str, now: int) -> Session | None:
    row = await db.one(FIND, secret=fingerprint, now=now)
    return None if row is None else _session(row)


async def find_by_id(db: Tx, session_id: str, now: int) -> Session | None:
    row = await db.one(FIND_BY_ID, session=session_id, now=now)
    return None if row is None else _session(row)


async def count_of_user(db: Tx, user_id: str, now: int) -> int:
    return len(await db.all(LIST, user=user_id, now=now))


async def add(tx: Tx, values: dict[str, object]) -> None:
    await tx.one(ADD, **values)


async def end_by_secret(tx: Tx, fingerprint: str, now: int) -> None:
    await tx.one(END_BY_SECRET, secret=fingerprint, now=now)


async def prune(db: Tx, now: int) -> int:
    return len(await db.all(PRUNE, now=now))


def _session(row: Row) -> Session:
    user = User(
        id=row["id"],
        organisation_id=row["organisation_id"],
        organisation_name=row["organisation_name"],
        email=row["email"],
        email_verified=bool(row["email_verified"]),
        name=row["name"],
        locale=row["locale"],
        roles=parse_roles(row["roles"]),
        access_revision=row["access_revision"],
        disabled=False,
        suspended=False,
    )
    return Session(
        id=row["session_id"],
        user=user,
        auth_time=row["auth_time"],
        amr=tuple(row["amr"].split()),
        expires_at=row["expires_at"],
    )
