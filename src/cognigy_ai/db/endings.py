"""Ending access: the statements that several features need, in one place.

A session, a person or an organisation loses access; with it go sessions, grants, keys and the
`access_revision` that codes under way were made with. The stores of the features call these.
"""

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)

from cognigy_ai.db.tables import api_keys, grants, sessions, users
from kernel.db import Tx

MFA = "mfa"  # of the words of `amr` (RFC 8176)
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


def _has_no_second_factor(amr: ColumnElement[str | None]) -> ColumnElement[bool]:
    return (" " + func.coalesce(amr, "") + " ").not_like(literal_column(f"'% {MFA} %'"))


END_ONE_FACTOR_SESSIONS = END_SESSIONS_OF_ORGANISATION.where(_has_no_second_factor(sessions.c.amr))
REVOKE_ONE_FACTOR_GRANTS = _revoke.where(
    grants.c.user_id.in_(_members),
    _has_no_second_factor(grants.c.amr),
).values(**_revoked)
_revoke_keys = update(api_keys).where(api_keys.c.revoked_at.is_(None), api_keys.c.expires_at > _now)
REVOKE_KEYS_OF_USER = (
    _revoke_keys.where(api_keys.c.owner_id == bindparam("user"))
    .values(revoked_at=_now)
    .returning(api_keys.c.id)
)
REVOKE_KEYS_OF_ORGANISATION = _revoke_keys.where(
    api_keys.c.organisation_id == bindparam("organisation")
).values(revoked_at=_now)
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
    await raise_revision(tx, user_id)  # locks the person, before what belongs to them
    await tx.one(END_SESSIONS_OF_USER, user=user_id, keep=keep, now=now)
    await tx.one(REVOKE_GRANTS_OF_USER, user=user_id, keep=keep, now=now, because=because)


async def end_access_of_organisation(tx: Tx, organisation_id: str, now: int, because: str) -> None:
    """All sessions and grants of everybody there, and what is bound to the organisation."""
    organisation = {"organisation": organisation_id}
    await tx.one(RAISE_REVISION_OF_ORGANISATION, **organisation)  # people first, as above
    await tx.one(END_SESSIONS_OF_ORGANISATION, **organisation, now=now)
    await tx.one(REVOKE_GRANTS_OF_ORGANISATION, **organisation, now=now, because=because)


async def end_one_factor_access(tx: Tx, organisation_id: str, now: int, because: str) -> None:
    """Sessions that were begun without a second factor, and what was granted in such, ever.

    The revisions come first: whoever is signing in at this moment holds the person's row, and what
    they begin is ended too.
    """
    organisation = {"organisation": organisation_id}
    await tx.one(RAISE_REVISION_OF_ORGANISATION, **organisation)
    await tx.one(END_ONE_FACTOR_SESSIONS, **organisation, now=now)
    await tx.one(REVOKE_ONE_FACTOR_GRANTS, **organisation, now=now, because=because)


async def revoke_keys_of_user(tx: Tx, user_id: str, now: int) -> list[str]:
    """The ids of a person's API keys that are worth nothing from now on."""
    return [row["id"] for row in await tx.all(REVOKE_KEYS_OF_USER, user=user_id, now=now)]


async def revoke_keys_of_organisation(tx: Tx, organisation_id: str, now: int) -> None:
    """Those of everybody there."""
    await tx.one(REVOKE_KEYS_OF_ORGANISATION, organisation=organisation_id, now=now)


async def raise_revision(tx: Tx, user_id: str) -> None:
    """Roles, state or credentials changed: codes made before are worth nothing."""
    await tx.one(RAISE_REVISION_OF_USER, user=user_id)
