"""Ending and changing the access of an identity: the statements that cross several features.

A person of the platform is (issuer, subject); what they have here are users, sessions and API
tokens in one account or, over time, in several. The stores of the features call these.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import BigInteger, String, and_, bindparam, literal_column, or_, select, update
from sqlalchemy.sql.base import Executable

from kernel.db import Row, Tx
from kernel.words import keys_of
from live_agent.db.tables import (
    accounts,
    api_tokens,
    break_glass,
    pending_links,
    sessions,
    users,
)


@dataclass(frozen=True)
class Ending:
    """Why sessions end, with the reference id that the person is shown, and when.

    `changed_ms`: when the platform changed what ends them, in milliseconds, if it said so.
    """

    because: str
    reference: str
    now: int
    changed_ms: int | None = None


SESSIONS_ENDED = "sessions.ended"  # told after the commit: open pages of all replicas hear of it
SESSIONS_GONE = "sessions.gone"  # their rows were deleted with their person or account

_issuer = bindparam("issuer", type_=String)
_subject = bindparam("subject", type_=String)
_now = bindparam("now", type_=BigInteger)
_because = bindparam("because", type_=String)
_begun_until = bindparam("begun_until", type_=BigInteger)
_revision = bindparam("access_revision", type_=BigInteger)
_owned = and_(users.c.issuer == _issuer, users.c.subject == _subject)
_owned_ids = select(users.c.id).where(_owned)
_alive = sessions.c.ended_at.is_(None)
_ended = {
    "ended_at": _now,
    "ended_because": _because,
    "ended_reference": bindparam("reference", type_=String),
    "changed_ms": bindparam("changed_ms", type_=BigInteger),
}

# A session that began after the change is not its business: that login knew of it already.
END_SESSIONS_BEFORE_REVISION = (
    update(sessions)
    .where(
        sessions.c.issuer == _issuer,
        sessions.c.subject == _subject,
        _alive,
        or_(sessions.c.access_revision.is_(None), sessions.c.access_revision < _revision),
    )
    .values(_ended)
    .returning(sessions.c.fingerprint, sessions.c.user_id)
)
END_SESSIONS_BEFORE_TIME = (
    update(sessions)
    .where(
        sessions.c.issuer == _issuer,
        sessions.c.subject == _subject,
        _alive,
        sessions.c.created_at <= _begun_until,
    )
    .values(_ended)
    .returning(sessions.c.fingerprint, sessions.c.user_id)
)
END_SESSIONS_OF_SID = (
    update(sessions)
    .where(sessions.c.issuer == _issuer, sessions.c.sid == bindparam("sid"), _alive)
    .values(_ended)
    .returning(sessions.c.fingerprint, sessions.c.user_id)
)
# Whatever door they came through: who has not moved yet belongs to the organisation as well. What
# began after the change is not its business: the organisation may have been resumed meanwhile.
_account_of_organisation = select(accounts.c.id).where(
    accounts.c.organisation_id == bindparam("organisation", type_=String)
)
_ids_of_organisation = select(users.c.id).where(users.c.account_id.in_(_account_of_organisation))
END_SESSIONS_OF_ORGANISATION = (
    update(sessions)
    .where(
        sessions.c.account_id.in_(_account_of_organisation),
        _alive,
        sessions.c.created_at <= _begun_until,
    )
    .values(_ended)
    .returning(sessions.c.fingerprint, sessions.c.user_id)
)
# An emergency session has the identity of its person, and is no login of theirs.
END_LOGINS_OF_ORGANISATION = END_SESSIONS_OF_ORGANISATION.where(
    sessions.c.issuer == _issuer, sessions.c.method == literal_column("'cognigy'")
)
_end_tokens = update(api_tokens).where(api_tokens.c.ended_at.is_(None)).values(ended_at=_now)
_void_links = (
    update(break_glass)
    .where(break_glass.c.used_at.is_(None), break_glass.c.voided_at.is_(None))
    .values(voided_at=_now)
)
_void_proofs = update(pending_links).where(pending_links.c.used_at.is_(None)).values(used_at=_now)
_end_tokens_of_organisation = _end_tokens.where(api_tokens.c.created_at <= _begun_until)
_void_proofs_of_organisation = _void_proofs.where(
    pending_links.c.account_id.in_(_account_of_organisation),
    pending_links.c.created_at <= _begun_until,
)
WITHOUT_SESSION_OF_ORGANISATION = (
    _end_tokens_of_organisation.where(api_tokens.c.user_id.in_(_ids_of_organisation)),
    _void_proofs_of_organisation,
    _void_links.where(
        break_glass.c.account_id.in_(_account_of_organisation),
        break_glass.c.created_at <= _begun_until,
    ),
)
_linked_of_organisation = _ids_of_organisation.where(users.c.issuer == _issuer)
WITHOUT_SESSION_OF_LOGINS = (
    _end_tokens_of_organisation.where(api_tokens.c.user_id.in_(_linked_of_organisation)),
    _void_proofs_of_organisation.where(pending_links.c.issuer == _issuer),
)
# A login that waits for the proof of an old account was begun with rights that are gone, and an
# emergency link was made for somebody who had them.
WITHOUT_SESSION_OF_IDENTITY = (
    _end_tokens.where(api_tokens.c.user_id.in_(_owned_ids)),
    _void_proofs.where(pending_links.c.issuer == _issuer, pending_links.c.subject == _subject),
    _void_links.where(break_glass.c.user_id.in_(_owned_ids)),
)
OWNED = (
    select(users.c.id, users.c.account_id, users.c.email, users.c.email_key, users.c.name)
    .where(_owned)
    .order_by(users.c.account_id)
)
TAKE_ROLES = update(users).where(_owned).values(roles="", access_revision=_revision)
NOTE_REVISION = (
    update(users)
    .where(_owned, users.c.access_revision < _revision)
    .values(access_revision=_revision)
)
CHANGE = (
    update(users)
    .where(users.c.id == bindparam("user_id"))
    .values(
        email=bindparam("new_email"),
        email_key=bindparam("new_email_key"),
        name=bindparam("new_name"),
        name_key=bindparam("name_key"),
        found_by=bindparam("found_by"),
        keyed_as=bindparam("keyed_as"),
        roles=bindparam("new_roles"),
        access_revision=_revision,
    )
)
PURGE = (
    update(users)
    .where(_owned, users.c.purged_at.is_(None))
    .values(
        purged_at=_now,
        disabled_at=_now,
        roles="",
        presence="offline",
        erase_at=bindparam("erase_at", type_=BigInteger),
    )
    .returning(users.c.id, users.c.account_id)
)


def tell_of(tx: Tx, ended: list[Row]) -> list[Row]:
    """Wake whoever has a connection of these sessions open."""
    if ended:
        tx.tell(SESSIONS_ENDED)
    return ended


async def end_sessions_of_identity(
    tx: Tx,
    identity: tuple[str, str],
    *,
    access_revision: int | None,
    begun_until: int,
    ending: Ending,
) -> list[Row]:
    """Sessions that began before the change: by its revision, or by its time if it has none."""
    issuer, subject = identity
    of: dict[str, object] = {"issuer": issuer, "subject": subject, **asdict(ending)}
    if access_revision is None:
        return tell_of(tx, await tx.all(END_SESSIONS_BEFORE_TIME, **of, begun_until=begun_until))
    of["access_revision"] = access_revision
    return tell_of(tx, await tx.all(END_SESSIONS_BEFORE_REVISION, **of))


async def end_sessions_of_sid(tx: Tx, issuer: str, sid: str, ending: Ending) -> list[Row]:
    """What was begun in one session of the platform."""
    ended = await tx.all(END_SESSIONS_OF_SID, issuer=issuer, sid=sid, **asdict(ending))
    return tell_of(tx, ended)


async def end_access_of_organisation(
    tx: Tx, organisation: str, *, begun_until: int, ending: Ending
) -> list[Row]:
    """Of everybody in its account: sessions, which are returned, and what works without one."""
    of: dict[str, object] = {"organisation": organisation, "begun_until": begun_until}
    ended = await tx.all(END_SESSIONS_OF_ORGANISATION, **of, **asdict(ending))
    await _end_each(tx, WITHOUT_SESSION_OF_ORGANISATION, ending.now, **of)
    return tell_of(tx, ended)


async def end_logins_of_organisation(
    tx: Tx, issuer: str, organisation: str, *, begun_until: int, ending: Ending
) -> list[Row]:
    """The same of what began with a login of this issuer: the old login and emergencies go on."""
    of: dict[str, object] = {
        "issuer": issuer, "organisation": organisation, "begun_until": begun_until,
    }  # fmt: skip
    ended = await tx.all(END_LOGINS_OF_ORGANISATION, **of, **asdict(ending))
    await _end_each(tx, WITHOUT_SESSION_OF_LOGINS, ending.now, **of)
    return tell_of(tx, ended)


async def end_tokens_of_identity(tx: Tx, identity: tuple[str, str], now: int) -> None:
    """API tokens, proofs of old accounts that are under way, and emergency links."""
    issuer, subject = identity
    await _end_each(tx, WITHOUT_SESSION_OF_IDENTITY, now, issuer=issuer, subject=subject)


async def _end_each(tx: Tx, statements: Iterable[Executable], now: int, **of: object) -> None:
    for statement in statements:
        await tx.one(statement, now=now, **of)


async def list_owned(tx: Tx, identity: tuple[str, str]) -> list[Row]:
    """The identity's users: one in each account that it ever logged in to."""
    issuer, subject = identity
    return await tx.all(OWNED, issuer=issuer, subject=subject)


async def take_roles(tx: Tx, identity: tuple[str, str], access_revision: int) -> None:
    """No role, no right."""
    issuer, subject = identity
    await tx.one(TAKE_ROLES, issuer=issuer, subject=subject, access_revision=access_revision)


async def note_revision(tx: Tx, identity: tuple[str, str], access_revision: int) -> None:
    """An ID token from before the change is not believed any more."""
    issuer, subject = identity
    await tx.one(NOTE_REVISION, issuer=issuer, subject=subject, access_revision=access_revision)


async def change(tx: Tx, user_id: str, **values: object) -> None:
    """`new_email`, `new_email_key`, `new_name`, `new_roles`, `access_revision`."""
    keys = keys_of(str(values["new_name"]), str(values["new_email"]))
    await tx.one(CHANGE, user_id=user_id, **values, **keys)


async def purge(tx: Tx, identity: tuple[str, str], erase_at: int, now: int) -> list[Row]:
    """Deleted in Cognigy.AI: closed now, name and address erased later."""
    issuer, subject = identity
    return await tx.all(PURGE, issuer=issuer, subject=subject, erase_at=erase_at, now=now)
