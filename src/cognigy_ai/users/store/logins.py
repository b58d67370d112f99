"""SQL for what a login asks of a person, and leaves with them."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Integer, String, Text, bindparam, or_, select, update

from cognigy_ai.db.second_factor import has_second_factor
from cognigy_ai.db.tables import organisations, users
from cognigy_ai.users.standing import Guessed, Standing
from kernel.db import Row, Tx
from kernel.json_rows import JsonRows, as_json

c = users.c
_user = bindparam("user", type_=String)
_now = bindparam("now", type_=BigInteger)
_there = bindparam("organisation", type_=String)
_o = organisations.c
_organisation = select(_o.two_step_required).where(_o.id == c.organisation_id).correlate(users)
_may_log_in = (
    c.disabled_at.is_(None),
    c.organisation_id.in_(select(_o.id).where(_o.suspended_at.is_(None))),
)
_standing = (
    c.password_digest,
    c.must_change_password,
    c.access_revision,
    has_second_factor().label("has_second_factor"),
    _organisation.scalar_subquery().label("two_step_required"),
)
FIND_STANDING = select(*_standing).where(c.id == _user, *_may_log_in)
_asked = JsonRows("asked")
LIST_STANDINGS = select(c.id, *_standing).where(c.id.in_(select(_asked.text("id"))), *_may_log_in)
NOTE_PASSWORD = (
    update(users)
    .where(
        c.id == _user,
        c.password_digest == bindparam("digest_read", type_=Text),
        *_may_log_in,
    )
    .values(password_digest=bindparam("digest", type_=Text), failed_logins=0)
    .returning(*_standing)
)
_with_second_factor = bindparam("with_second_factor", type_=Integer)
# The requirement is read once more: it may have come while NOTE_PASSWORD waited for the row.
NOTE_LOGIN = (
    update(users)
    .where(c.id == _user, or_(_organisation.scalar_subquery() == 0, _with_second_factor == 1))
    .values(last_login_at=_now, last_active_at=_now)
    .returning(c.id)
)
_policy = select(_o.password_policy).where(_o.id == c.organisation_id).correlate(users)
COUNT_FAILURE = (
    update(users)
    .where(
        c.email_key == bindparam("address", type_=String),
        or_(_there == "", c.organisation_id == _there),
        c.password_digest.is_not(None),
        c.disabled_at.is_(None),
    )
    .values(failed_logins=c.failed_logins + 1)
    .returning(
        c.id,
        c.organisation_id,
        c.failed_logins,
        _policy.scalar_subquery().label("password_policy"),
    )
)


async def find_standing(db: Tx, user_id: str) -> Standing | None:
    row = await db.one(FIND_STANDING, user=user_id)
    return None if row is None else _standing_of(row)


async def list_standings(db: Tx, user_ids: Iterable[str]) -> dict[str, Standing]:
    """By id."""
    asked = as_json({"id": user_id} for user_id in user_ids)
    rows = await db.all(LIST_STANDINGS, asked=asked)
    return {row["id"]: _standing_of(row) for row in rows}


async def note_password(tx: Tx, user_id: str, digest_read: str, digest: str) -> Standing | None:
    """Once more, in the transaction of the login: same digest, enabled, not suspended."""
    row = await tx.one(NOTE_PASSWORD, user=user_id, digest_read=digest_read, digest=digest)
    return None if row is None else _standing_of(row)


async def note_login(tx: Tx, user_id: str, now: int, *, with_second_factor: bool) -> bool:
    """False if the organisation has come to require a second factor."""
    factor = int(with_second_factor)
    return await tx.one(NOTE_LOGIN, user=user_id, now=now, with_second_factor=factor) is not None


async def count_failure(tx: Tx, email_key: str, organisation_id: str) -> list[Guessed]:
    """One statement for whoever has the address, and for nobody."""
    rows = await tx.all(COUNT_FAILURE, address=email_key, organisation=organisation_id)
    return [
        Guessed(row["id"], row["organisation_id"], row["failed_logins"], row["password_policy"])
        for row in rows
    ]


def _standing_of(row: Row) -> Standing:
    return Standing(
        password_digest=row["password_digest"],
        must_change_password=bool(row["must_change_password"]),
        access_revision=row["access_revision"],
        has_second_factor=bool(row["has_second_factor"]),
        two_step_required=bool(row["two_step_required"]),
    )
