"""SQL for sessions."""

import json

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from cognigy_ai.db.endings import end_access_of_user, end_session, revoke_grants_of_session
from cognigy_ai.db.joined_roles import roles_of_user
from cognigy_ai.db.tables import audit_events, organisations, sessions, users
from cognigy_ai.sessions.rules import PastLogin, RefusedLogin, Session
from cognigy_ai.users.rules import User, parse_roles
from kernel.db import Row, Tx
from kernel.devices import Device

__all__ = ["end_access_of_user", "end_session", "revoke_grants_of_session"]

c = sessions.c
_now = bindparam("now", type_=BigInteger)
_read = (
    select(
        c.id.label("session_id"),
        c.auth_time,
        c.amr,
        c.expires_at,
        c.seen_at,
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
_of_user = c.user_id == bindparam("user", type_=String)
_goes_on = (c.ended_at.is_(None), c.expires_at > _now)
_most = bindparam("most", type_=Integer)
COUNT = select(func.count().label("number")).select_from(sessions).where(_of_user, *_goes_on)
_past = select(c.id, c.user_agent, c.amr, c.created_at, c.seen_at, c.expires_at, c.ended_at)
LIST = _past.where(_of_user, *_goes_on).order_by(c.seen_at.desc(), c.id).limit(_most)
HISTORY = _past.where(_of_user).order_by(c.created_at.desc(), c.id).limit(_most)
_e = audit_events.c
REFUSED = (
    select(_e.at, _e.details)
    .where(_e.user_id == bindparam("user", type_=String), _e.event == "login.refused")
    .order_by(_e.at.desc(), _e.id.desc())
    .limit(_most)
)
FIND_OF_USER = _past.where(_of_user, c.id == bindparam("session", type_=String))
_before = bindparam("before", type_=BigInteger)
NOTE_SEEN = (
    update(sessions)
    .where(c.id == bindparam("session", type_=String), c.seen_at <= _before)
    .values(seen_at=_now)
    .returning(c.id)
)
ADD = insert(sessions).values(
    {
        name: bindparam(name)
        for name in (
            "id", "fingerprint", "user_id", "auth_time", "amr", "created_at", "expires_at",
            "user_agent", "seen_at", "entry_mark",
        )
    }
)  # fmt: skip
HAS_BEGUN = select(c.id).where(c.entry_mark == bindparam("mark", type_=String))
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


async def has_begun(db: Tx, entry_mark: str) -> bool:
    """Has the login with that mark begun its session?"""
    return await db.one(HAS_BEGUN, mark=entry_mark) is not None


async def find_by_id(db: Tx, session_id: str, now: int) -> Session | None:
    row = await db.one(FIND_BY_ID, session=session_id, now=now)
    return None if row is None else _session(row)


async def count_of_user(db: Tx, user_id: str, now: int) -> int:
    row = await db.one(COUNT, user=user_id, now=now)
    assert row is not None
    return int(row["number"])


async def list_of_user(db: Tx, user_id: str, most: int, now: int) -> list[PastLogin]:
    """Those that go on, the one seen last before the others."""
    return [_past_login(row) for row in await db.all(LIST, user=user_id, most=most, now=now)]


async def list_history(db: Tx, user_id: str, most: int) -> list[PastLogin]:
    """Those that are kept, newest first."""
    return [_past_login(row) for row in await db.all(HISTORY, user=user_id, most=most)]


async def list_refused(db: Tx, user_id: str, most: int) -> list[RefusedLogin]:
    """From the audit trail, newest first."""
    rows = await db.all(REFUSED, user=user_id, most=most)
    return [_refused_login(row) for row in rows]


async def find_of_user(db: Tx, user_id: str, session_id: str) -> PastLogin | None:
    """A session of this person, also one that is over."""
    row = await db.one(FIND_OF_USER, user=user_id, session=session_id)
    return None if row is None else _past_login(row)


async def note_seen(db: Tx, session_id: str, before: int, now: int) -> bool:
    """False if somebody else noted it meanwhile."""
    return await db.one(NOTE_SEEN, session=session_id, before=before, now=now) is not None


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
        seen_at=row["seen_at"],
    )


def _refused_login(row: Row) -> RefusedLogin:
    details = json.loads(row["details"])
    device = Device(str(details.get("browser") or ""), str(details.get("system") or ""))
    return RefusedLogin(row["at"], device, str(details.get("because") or ""))


def _past_login(row: Row) -> PastLogin:
    return PastLogin(
        id=row["id"],
        user_agent=row["user_agent"],
        amr=tuple(row["amr"].split()),
        began_at=row["created_at"],
        seen_at=row["seen_at"],
        expires_at=row["expires_at"],
        ended_at=row["ended_at"],
    )
