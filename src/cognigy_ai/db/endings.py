"""Ending access: the statements that several features need, in one place.

A session, a person or an organisation loses access; with it go sessions, grants and the
`access_revision` that codes under way were made with. The stores of the features call these.
"""

from sqlalchemy import BigInteger, String, bindparam, func, or_, select, update

from cognigy_ai.db.tables import grants, sessions, users
from kernel.db import Tx

NO_SESSION = ""  # no session has this id

_now = bindparam("now", type_=BigInteger)
_because = bindparam("because", type_=String)
_keep = bindparam("keep", type_=String)
_members = select(users.c.id).where(users.c.organisation_id == bindparam("organisation"))

END_SESSION = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"))
    .values(ended_at=func.coalesce(sessions.c.ended_at, _now))
)
END_SESSIONS_OF_USER = (
    update(sessions)
    .where(
        sessions.c.user_id == bindparam("user"),
        sessions.c.ended_at.is_(None),
        sessions.c.id != _keep,
    )
    .values(ended_at=_now)
)
END_SESSIONS_OF_ORGANISATION = (
    update(sessions)
    .where(sessions.c.user_id.in_(_members), sessions.c.ended_at.is_(None))
    .values(ended_at=_now)
)
_revoke = update(grants).where(grants.c.revoked_at.is_(None))
_revoked = {"revoked_at": _now, "revoked_because": _because}
REVOKE_GRANTS_OF_SESSION = _revoke.where(grants.c.session_id == bindparam("session")).values(
    **_revoked
)
REVOKE_GRANTS_OF_USER = _revoke.where(
    grants.c.user_id == bindparam("user"),
    or_(grants.c.session_id.is_(None), grants.c.session_id != _keep),
).values(**_revoked)
REVOKE_GRANTS_OF_ORGANISATION = _revoke.where(
    or_(
        grants.c.user_id.in_(_members),
        grants.c.organisation_id == bindparam("organisation"),
    )
).values(**_revoked)
_raised = {"access_revision": users.c.access_revision + 1}
RAISE_REVISION_OF_USER = update(users).where(users.c.id == bindparam("user")).values(**_raised)
RAISE_REVISION_OF_ORGANISATION = (
    update(users).where(users.c.organisation_id == bindparam("organisation")).values(**_raised)
)


async def end_session(tx: Tx, session_id: str, now: int) -> None:
    """The browser is signed out; grants made in the session live on."""
    await tx.one(END_SESSION, session=session_id, now=now)


async def revoke_grants_of_session(tx: Tx, session_id: str, now: int, because: str) -> None:
    """What applications were given in the session is taken back."""
    await tx.one(REVOKE_GRANTS_OF_SESSION, session=session_id, now=now, because=because)


async def end_access_of_user(
    tx: Tx, user_id: str, now: int, because: str, keep_session: str | None = None
) -> None:
    """All sessions and grants of a person, except one session and what was granted in it."""
    keep = keep_session or NO_SESSION
    await tx.one(END_SESSIONS_OF_USER, user=user_id, keep=keep, now=now)
    await tx.one(REVOKE_GRANTS_OF_USER, user=user_id, keep=keep, now=now, because=because)
    await raise_revision(tx, user_id)


async def end_access_of_organisation(tx: Tx, organisation_id: str, now: int, because: str) -> None:
    """All sessions and grants of everybody there, and what is bound to the organisation."""
    organisation = {"organisation": organisation_id}
    await tx.one(END_SESSIONS_OF_ORGANISATION, **organisation, now=now)
    await tx.one(REVOKE_GRANTS_OF_ORGANISATION, **organisation, now=now, because=because)
    await tx.one(RAISE_REVISION_OF_ORGANISATION, **organisation)


async def raise_revision(tx: Tx, user_id: str) -> None:
    """Roles, state or credentials changed: codes made before are worth nothing."""
    await tx.one(RAISE_REVISION_OF_USER, user=user_id)
