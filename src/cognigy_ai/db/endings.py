"""Ending and changing access: the statements that several features need, in one place.

A session, a person or an organisation loses access; with it go sessions, grants, keys and the
`access_revision` that codes under way were made with. The stores of the features call these, and
nothing else writes those columns: so whatever ends or changes access also notes, in the same
transaction, what Live Agent and other applications are told of it (`db.signals`).
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

from cognigy_ai.db import signals
from cognigy_ai.db.tables import api_keys, grants, sessions, users
from kernel.db import Tx

MFA = "mfa"  # of the words of `amr` (RFC 8176)
NO_SESSION = ""  # no session has this id
# What the caller says why, and what it means for the person as a whole: otherwise a revocation.
DISABLING = ("user_disabled", "failed_logins")
NEW_PASSWORD = ("password_changed", "password_change_enforced")
SUSPENDED, RESUMED = "organisation_suspended", "organisation_resumed"
# Of an organisation: who may log in again at once was only signed out.
OF_ORGANISATION = {SUSPENDED: signals.ACCOUNT_DISABLED, RESUMED: signals.ACCOUNT_ENABLED}

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
_of_session = grants.c.session_id == bindparam("session", type_=String)
_of_user_but_one = (
    grants.c.user_id == bindparam("user"),
    or_(grants.c.session_id.is_(None), grants.c.session_id != _keep),
)
REVOKE_GRANTS_OF_SESSION = _revoke.where(_of_session).values(**_revoked)
REVOKE_GRANTS_OF_USER = _revoke.where(*_of_user_but_one).values(**_revoked)
REVOKE_GRANTS_OF_ORGANISATION = _revoke.where(
    or_(
        grants.c.user_id.in_(_members),
        grants.c.organisation_id == bindparam("organisation"),
    )
).values(**_revoked)
NOTE_SESSION = signals.noting(_of_session)
NOTE_OTHER_SESSIONS = signals.noting(*_of_user_but_one)


def _has_no_second_factor(amr: ColumnElement[str | None]) -> ColumnElement[bool]:
    return (" " + func.coalesce(amr, "") + " ").not_like(literal_column(f"'% {MFA} %'"))


END_ONE_FACTOR_SESSIONS = END_SESSIONS_OF_ORGANISATION.where(_has_no_second_factor(sessions.c.amr))
_one_factor_grants = (grants.c.user_id.in_(_members), _has_no_second_factor(grants.c.amr))
REVOKE_ONE_FACTOR_GRANTS = _revoke.where(*_one_factor_grants).values(**_revoked)
NOTE_ONE_FACTOR_SESSIONS = signals.noting(*_one_factor_grants)
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
# Of a person whom somebody changed. The revision also voids the codes that are under way.
NOTE_CHANGE = (
    update(users)
    .where(users.c.id == bindparam("user"))
    .values(changed_at=_now, changed_by=bindparam("by", type_=String), **_raised)
)


async def end_session(tx: Tx, session_id: str, now: int) -> None:
    """The browser is signed out; grants made in the session live on."""
    await tx.one(END_SESSION, session=session_id, now=now)


async def revoke_grants_of_session(tx: Tx, session_id: str, now: int, because: str) -> None:
    """What applications were given in the session is taken back."""
    await signals.note_sessions(tx, NOTE_SESSION, now, session=session_id)
    await tx.one(REVOKE_GRANTS_OF_SESSION, session=session_id, now=now, because=because)


async def end_access_of_user(
    tx: Tx, user_id: str, now: int, because: str, keep_session: str | None = None
) -> None:
    """All sessions and grants of a person, except one session and what was granted in it."""
    keep = keep_session or NO_SESSION
    await raise_revision(tx, user_id)  # locks the person, before what belongs to them
    if keep_session is None:
        ended = because in DISABLING
        kind = signals.ACCOUNT_DISABLED if ended else signals.SESSION_REVOKED
        await signals.note_end_of_user(tx, user_id, kind, now)
    else:
        await signals.note_sessions(tx, NOTE_OTHER_SESSIONS, now, user=user_id, keep=keep)
    if because in NEW_PASSWORD:
        await signals.note_user(tx, user_id, signals.CREDENTIAL_CHANGED, now)
    await tx.one(END_SESSIONS_OF_USER, user=user_id, keep=keep, now=now)
    await tx.one(REVOKE_GRANTS_OF_USER, user=user_id, keep=keep, now=now, because=because)


async def end_access_of_organisation(tx: Tx, organisation_id: str, now: int, because: str) -> None:
    """All sessions and grants of everybody there, and what is bound to the organisation."""
    organisation = {"organisation": organisation_id}
    await tx.one(RAISE_REVISION_OF_ORGANISATION, **organisation)  # people first, as above
    kind = OF_ORGANISATION.get(because, signals.SESSION_REVOKED)
    await signals.note_end_of_organisation(tx, organisation_id, kind, now)
    if because in NEW_PASSWORD:
        await signals.note_organisation(tx, organisation_id, signals.CREDENTIAL_CHANGED, now)
    await tx.one(END_SESSIONS_OF_ORGANISATION, **organisation, now=now)
    await tx.one(REVOKE_GRANTS_OF_ORGANISATION, **organisation, now=now, because=because)


async def end_one_factor_access(tx: Tx, organisation_id: str, now: int, because: str) -> None:
    """Sessions that were begun without a second factor, and what was granted in such, ever.

    The revisions come first: whoever is signing in at this moment holds the person's row, and what
    they begin is ended too.
    """
    organisation = {"organisation": organisation_id}
    await tx.one(RAISE_REVISION_OF_ORGANISATION, **organisation)
    await signals.note_sessions(tx, NOTE_ONE_FACTOR_SESSIONS, now, **organisation)
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


async def note_change(tx: Tx, user_id: str, now: int, by: str | None) -> None:
    """Roles or address changed: codes made before are worth nothing."""
    await tx.one(NOTE_CHANGE, user=user_id, now=now, by=by)
    await signals.note_user(tx, user_id, signals.CLAIMS_CHANGED, now)


async def note_enabled(tx: Tx, user_id: str, now: int, by: str | None) -> None:
    """The person may log in again."""
    await tx.one(NOTE_CHANGE, user=user_id, now=now, by=by)
    await signals.note_user(tx, user_id, signals.ACCOUNT_ENABLED, now)


async def note_new_words(tx: Tx, user_id: str, now: int) -> None:
    """Name, or whether the address is proved: codes under way go on with what they copied."""
    await signals.note_user(tx, user_id, signals.CLAIMS_CHANGED, now)


async def note_removal(tx: Tx, user_id: str, now: int) -> None:
    """The person is about to be deleted; nothing can have a revision after this one."""
    await signals.note_end_of_user(tx, user_id, signals.ACCOUNT_PURGED, now, ahead=1)
