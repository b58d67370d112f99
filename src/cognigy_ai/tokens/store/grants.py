"""Grants: one row with the fingerprints of its newest tokens."""

from typing import Any

from sqlalchemy import and_, case, delete, func, insert, null, or_, select, update
from sqlalchemy import exists as sql_exists

from cognigy_ai.db.joined_roles import COMMA
from cognigy_ai.db.tables import clients, grants, organisations, sessions, user_roles, users
from cognigy_ai.tokens.rules import Family, Grant, Login
from cognigy_ai.tokens.store.columns import NOW, ROLES, number, person_of, text
from kernel.db import Row, Tx

_g, _u, _o = grants.c, users.c, organisations.c
_s, _k = sessions.c, clients.c

GRANT_VALUES: dict[str, Any] = {
    "id": text("grant_id"),
    "client_id": text("client_id"),
    "user_id": text("user_id"),
    "organisation_id": text("organisation_id"),
    "session_id": text("session_id"),
    "code_fingerprint": text("code"),
    "scope": text("scope"),
    "auth_time": number("auth_time"),
    "amr": text("amr"),
    "access_fingerprint": text("access"),
    "access_scope": text("scope"),
    "access_issued_at": NOW,
    "access_expires_at": number("access_expires_at"),
    "family_fingerprint": text("family"),
    "refresh_fingerprint": text("refresh"),
    "created_at": NOW,
    "expires_at": number("expires_at"),
}
ADD_GRANT = insert(grants).values(GRANT_VALUES)
CLIENT_VALUES = GRANT_VALUES | dict.fromkeys(
    ("user_id", "session_id", "code_fingerprint", "amr", "family_fingerprint"),
    null(),
)
CLIENT_VALUES |= {"auth_time": null(), "refresh_fingerprint": null()}
ADD_CLIENT_GRANT = insert(grants).values(CLIENT_VALUES | {"organisation_id": null()})
ADD_CLIENT_GRANT_OF_ORGANISATION = (
    insert(grants)
    .from_select(
        list(CLIENT_VALUES),
        select(*(CLIENT_VALUES | {"organisation_id": _o.id}).values()).where(
            _o.id == text("organisation"), _o.suspended_at.is_(None)
        ),
    )
    .returning(_g.id)
)


# SQLite's RETURNING writes columns without their tables, also within a subquery, where
# `user_roles.user_id = grants.user_id` would then compare a column with itself: so every column
# of these has a name that `grants` does not have.
_person = select(
    _u.id.label("person_id"),
    _u.email.label("person_email"),
    _u.email_verified.label("person_email_verified"),
    _u.name.label("person_name"),
    _u.locale.label("person_locale"),
    _u.access_revision.label("person_access_revision"),
).subquery("person")
_place = select(_o.id.label("place_id"), _o.name.label("place_name")).subquery("place")
_role = select(
    user_roles.c.user_id.label("holder_id"), user_roles.c.role.label("held_role")
).subquery("role")


def _of_person(name: str) -> Any:
    """A column of the grant's user, for RETURNING."""
    found = select(_person.c[f"person_{name}"]).where(_person.c.person_id == _g.user_id)
    return found.correlate(grants).scalar_subquery().label(name)


RETURNED_PERSON = (
    *map(_of_person, ("email", "email_verified", "name", "locale", "access_revision")),
    select(_place.c.place_name)
    .where(_place.c.place_id == _g.organisation_id)
    .correlate(grants)
    .scalar_subquery()
    .label("organisation_name"),
    select(func.aggregate_strings(_role.c.held_role, COMMA))
    .where(_role.c.holder_id == _g.user_id)
    .correlate(grants)
    .scalar_subquery()
    .label("roles"),
)
IS_NEWEST = _g.refresh_fingerprint == text("presented")
# The same statement for the first use and for its repetition within the grace: the second finds
# the values that the first wrote, and writes them again.
ROTATE = (
    update(grants)
    .where(
        _g.family_fingerprint == text("family"),
        _g.client_id == text("client_id"),
        _g.revoked_at.is_(None),
        _g.expires_at > NOW,
        or_(
            IS_NEWEST,
            and_(
                _g.previous_refresh_fingerprint == text("presented"),
                _g.rotated_at >= number("grace_from"),
            ),
        ),
        sql_exists(
            select(_u.id)
            .select_from(users.join(organisations, _o.id == _u.organisation_id))
            .where(_u.id == _g.user_id, _u.disabled_at.is_(None), _o.suspended_at.is_(None))
            .correlate(grants)
        ),
    )
    .values(
        refresh_fingerprint=text("refresh"),
        previous_refresh_fingerprint=text("presented"),
        rotated_at=case((IS_NEWEST, NOW), else_=_g.rotated_at),
        access_fingerprint=text("access"),
        access_scope=func.coalesce(text("narrowed"), _g.scope),
        access_issued_at=case((IS_NEWEST, NOW), else_=_g.access_issued_at),
        access_expires_at=case(
            (~IS_NEWEST, _g.access_expires_at),
            (_g.expires_at < number("access_expires_at"), _g.expires_at),
            else_=number("access_expires_at"),
        ),
    )
    .returning(
        _g.id,
        _g.client_id,
        _g.scope,
        _g.access_scope.label("token_scope"),
        _g.access_issued_at.label("issued_at"),
        _g.access_expires_at.label("token_expires_at"),
        _g.session_id,
        _g.auth_time,
        _g.amr,
        _g.user_id,
        _g.organisation_id,
        *RETURNED_PERSON,
    )
)
FIND_FAMILY = select(
    _g.id,
    _g.client_id,
    _g.user_id,
    _g.organisation_id,
    _g.refresh_fingerprint,
    _g.revoked_at,
    _g.expires_at,
).where(_g.family_fingerprint == text("family"))


def _find_grant(scope: Any, issued_at: Any, expires_at: Any) -> Any:
    """A living grant of a person who has access, or of a client."""
    return (
        select(
            _g.id,
            _g.client_id,
            _g.scope,
            scope.label("token_scope"),
            issued_at.label("issued_at"),
            expires_at.label("token_expires_at"),
            _g.session_id,
            _g.auth_time,
            _g.amr,
            _g.user_id,
            _g.organisation_id,
            _u.email,
            _u.email_verified,
            _u.name,
            _u.locale,
            _u.access_revision,
            _o.name.label("organisation_name"),
            ROLES.label("roles"),
        )
        .select_from(
            grants.outerjoin(users, _u.id == _g.user_id).outerjoin(
                organisations, _o.id == _g.organisation_id
            )
        )
        .where(
            _g.revoked_at.is_(None),
            expires_at > NOW,
            _u.disabled_at.is_(None),
            _o.suspended_at.is_(None),
        )
    )


FIND_BY_ACCESS_TOKEN = _find_grant(
    _g.access_scope, _g.access_issued_at, _g.access_expires_at
).where(_g.access_fingerprint == text("token"))
FIND_BY_REFRESH_TOKEN = _find_grant(_g.scope, _g.created_at, _g.expires_at).where(
    _g.family_fingerprint == text("family"), _g.refresh_fingerprint == text("token")
)
# While the session goes on, the application that it logged in to is told of its end.
_is_told_of_its_end = sql_exists(
    select(_s.id)
    .select_from(sessions.join(clients, _k.backchannel_logout_uri.is_not(None)))
    .where(
        _s.id == _g.session_id,
        _s.ended_at.is_(None),
        _s.expires_at > number("before"),
        _k.client_id == _g.client_id,
    )
    .correlate(grants)
)
PRUNE_GRANTS = (
    delete(grants).where(_g.expires_at <= number("before"), ~_is_told_of_its_end).returning(_g.id)
)


def _grant(row: Row) -> Grant:
    is_persons = row["user_id"] is not None
    return Grant(
        id=row["id"],
        client_id=row["client_id"],
        scope=row["token_scope"],
        granted=row["scope"],
        issued_at=row["issued_at"],
        expires_at=row["token_expires_at"],
        organisation_id=row["organisation_id"],
        person=person_of(row) if is_persons else None,
        login=Login(row["session_id"], row["auth_time"], row["amr"]) if is_persons else None,
    )


async def add(tx: Tx, **values: object) -> None:
    """The grant of a person, made from a code."""
    await tx.one(ADD_GRANT, **values)


async def add_for_client(db: Tx, organisation_id: str | None, **values: object) -> bool:
    """A client's own grant; False if there is no such organisation, or it is suspended."""
    if organisation_id is None:
        await db.one(ADD_CLIENT_GRANT, **values)
        return True
    row = await db.one(ADD_CLIENT_GRANT_OF_ORGANISATION, organisation=organisation_id, **values)
    return row is not None


async def rotate(db: Tx, **values: object) -> Grant | None:
    """Put the next tokens in the place of the presented one, or None if that one is refused."""
    row = await db.one(ROTATE, **values)
    return None if row is None else _grant(row)


async def find_family(tx: Tx, family: str, presented: str, now: int) -> Family | None:
    """What is left of the grant that a refused refresh token belonged to."""
    row = await tx.one(FIND_FAMILY, family=family)
    if row is None:
        return None
    return Family(
        id=row["id"],
        client_id=row["client_id"],
        user_id=row["user_id"],
        organisation_id=row["organisation_id"],
        is_current=row["refresh_fingerprint"] == presented,
        is_over=row["revoked_at"] is not None or row["expires_at"] <= now,
    )


async def find_by_access_token(db: Tx, token: str, now: int) -> Grant | None:
    """The living grant whose newest access token this is."""
    row = await db.one(FIND_BY_ACCESS_TOKEN, token=token, now=now)
    return None if row is None else _grant(row)


async def find_by_refresh_token(db: Tx, family: str, token: str, now: int) -> Grant | None:
    """The living grant whose newest refresh token this is."""
    row = await db.one(FIND_BY_REFRESH_TOKEN, family=family, token=token, now=now)
    return None if row is None else _grant(row)


async def prune(db: Tx, before: int) -> int:
    """Remove grants that ended before."""
    return len(await db.all(PRUNE_GRANTS, before=before))
