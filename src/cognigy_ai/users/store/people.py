"""SQL for users and their roles."""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    BigInteger,
    String,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    text,
    update,
)

from cognigy_ai.db.administrators import another_administrator_stays, is_administrator
from cognigy_ai.db.endings import (
    end_access_of_user,
    note_change,
    note_enabled,
    note_new_words,
    note_removal,
    revoke_keys_of_user,
)
from cognigy_ai.db.joined_roles import roles_of_user
from cognigy_ai.db.tables import BCRYPT, organisations, users
from cognigy_ai.users import rules
from cognigy_ai.users.rules import Credentials, Keys, User, parse_roles
from kernel.db import Row, Tx
from kernel.emails import email_key
from kernel.json_rows import JsonRows, as_json

__all__ = ["end_access_of_user", "note_change", "revoke_keys_of_user"]

c = users.c
_user = bindparam("user", type_=String)
_now = bindparam("now", type_=BigInteger)

COLUMNS = (
    c.id,
    c.organisation_id,
    organisations.c.name.label("organisation_name"),
    c.email,
    c.email_verified,
    c.name,
    c.locale,
    c.access_revision,
    c.disabled_at,
    organisations.c.suspended_at,
    roles_of_user().label("roles"),
)
READ = select(*COLUMNS).join_from(users, organisations)
FIND = READ.where(c.id == _user)
LIST = READ.where(c.organisation_id == bindparam("organisation")).order_by(c.email_key)
_asked = JsonRows("asked")
SEVERAL = READ.where(c.id.in_(select(_asked.text("id")))).order_by(c.id)
MOST_WITH_ONE_ADDRESS = 20
BY_EMAIL = (
    READ.add_columns(c.password_digest)
    .where(c.email_key == bindparam("email_key"))
    .order_by(c.organisation_id)
    .limit(literal_column(str(MOST_WITH_ONE_ADDRESS)))
)
BY_EMAIL_THERE = BY_EMAIL.where(c.organisation_id == bindparam("organisation"))
DIGEST = select(c.password_digest).where(c.id == _user)
# Read from the index `users_with_bcrypt`, whose condition it repeats.
BCRYPT_COST = select(func.max(func.substr(c.password_digest, 5, 2)).label("cost")).where(
    text(BCRYPT)
)
# What is not named here has its default: a new column needs no change of what makes a user.
ADD = insert(users).values({name: bindparam(name) for name in rules.NEW_USER_COLUMNS})
_stays_administrated = or_(not_(is_administrator(_user)), another_administrator_stays(_user))
REMOVE = delete(users).where(c.id == _user, _stays_administrated).returning(c.id)
_changed = {"changed_at": _now, "changed_by": bindparam("by", type_=String)}
CHANGE = (
    update(users)
    .where(c.id == _user)
    .values(
        name=bindparam("new_name", type_=String),
        name_key=bindparam("new_name_key", type_=String),
        keyed_as=bindparam("new_keyed_as", type_=String),
        locale=bindparam("new_locale", type_=String),
        **_changed,
    )
)
_verified = bindparam("new_verified", type_=c.email_verified.type)
SET_VERIFIED = (
    update(users)
    .where(c.id == _user, c.email_verified != _verified)
    .values(email_verified=_verified, **_changed)
    .returning(c.id)
)
SET_ADDRESS = (
    update(users)
    .where(c.id == _user)
    .values(
        email=bindparam("new_email", type_=String),
        email_key=bindparam("new_email_key", type_=String),
        keyed_as=bindparam("new_keyed_as", type_=String),
        email_verified=_verified,
    )
    .returning(c.id)
)
_only_invited = (c.email_verified == 0, c.password_digest.is_(None), c.last_login_at.is_(None))
CORRECT_ADDRESS = SET_ADDRESS.where(*_only_invited)
IS_ONLY_INVITED = select(c.id).where(c.id == _user, *_only_invited)
SET_PASSWORD = (
    update(users)
    .where(c.id == _user)
    .values(
        password_digest=bindparam("digest", type_=Text),
        password_changed_at=_now,
        must_change_password=bindparam("must_change", type_=c.must_change_password.type),
        **_changed,
    )
    .returning(c.id)
)
CHANGE_PASSWORD = SET_PASSWORD.where(c.password_digest == bindparam("digest_read", type_=Text))
DISABLE = (
    update(users)
    .where(c.id == _user, c.disabled_at.is_(None), _stays_administrated)
    .values(disabled_at=_now, **_changed)
    .returning(c.id)
)
ENABLE = (
    update(users)
    .where(c.id == _user, c.disabled_at.is_not(None))
    .values(disabled_at=None, failed_logins=0)
    .returning(c.id)
)


async def find(db: Tx, user_id: str) -> User | None:
    row = await db.one(FIND, user=user_id)
    return None if row is None else user_of(row)


async def list_users(db: Tx, organisation_id: str) -> list[User]:
    return [user_of(row) for row in await db.all(LIST, organisation=organisation_id)]


async def list_several(db: Tx, user_ids: Iterable[str]) -> list[User]:
    """Those of them who are there, in one statement."""
    asked = as_json({"id": user_id} for user_id in user_ids)
    return [user_of(row) for row in await db.all(SEVERAL, asked=asked)]


async def find_by_email(db: Tx, email_key: str, organisation_id: str | None) -> list[Credentials]:
    """In one organisation, or in all of them."""
    rows: Sequence[Row]
    if organisation_id is None:
        rows = await db.all(BY_EMAIL, email_key=email_key)
    else:
        rows = await db.all(BY_EMAIL_THERE, email_key=email_key, organisation=organisation_id)
    return [Credentials(user_of(row), row["password_digest"]) for row in rows]


async def find_digest(db: Tx, user_id: str) -> str | None:
    row = await db.one(DIGEST, user=user_id)
    return None if row is None else row["password_digest"]


async def find_bcrypt_cost(db: Tx) -> int | None:
    row = await db.one(BCRYPT_COST)
    cost = row["cost"] if row else None
    return int(cost) if cost else None


async def add(tx: Tx, values: dict[str, object]) -> None:
    """Raises UniqueViolation if the organisation has a user with that address."""
    await tx.one(ADD, **values)


async def change(tx: Tx, keys: Keys, locale: str, now: int, by: str | None) -> None:
    """The name of `keys`, and the language."""
    await tx.one(
        CHANGE,
        user=keys.user_id,
        new_name=keys.name,
        new_name_key=keys.name_key,
        new_keyed_as=keys.keyed_as,
        new_locale=locale,
        now=now,
        by=by,
    )
    await note_new_words(tx, keys.user_id, now)


async def set_verified(tx: Tx, user_id: str, now: int, by: str | None, *, verified: bool) -> bool:
    """False if it was so."""
    values = {"new_verified": int(verified), "now": now, "by": by}
    if await tx.one(SET_VERIFIED, user=user_id, **values) is None:
        return False
    await note_new_words(tx, user_id, now)
    return True


async def set_address(tx: Tx, keys: Keys, *, verified: bool) -> bool:
    """The address of `keys`; raises UniqueViolation if the organisation has a user with it."""
    return await tx.one(SET_ADDRESS, **_address(keys, verified=verified)) is not None


async def correct_address(tx: Tx, keys: Keys, *, verified: bool) -> bool:
    """The same; False for whoever is more than invited by now."""
    return await tx.one(CORRECT_ADDRESS, **_address(keys, verified=verified)) is not None


def _address(keys: Keys, *, verified: bool) -> dict[str, object]:
    return {
        "user": keys.user_id,
        "new_email": keys.email,
        "new_email_key": email_key(keys.email),
        "new_keyed_as": keys.keyed_as,
        "new_verified": int(verified),
    }


async def is_only_invited(db: Tx, user_id: str) -> bool:
    """Nobody proved the address, set a password or signed in."""
    return await db.one(IS_ONLY_INVITED, user=user_id) is not None


async def remove(tx: Tx, user_id: str, now: int) -> bool:
    """False if the user is the last administrator; the caller then undoes everything."""
    await note_removal(tx, user_id, now)
    return await tx.one(REMOVE, user=user_id) is not None


async def set_password(
    tx: Tx, user_id: str, digest: str, now: int, *, must_change: bool = False, by: str | None = None
) -> bool:
    values = {"digest": digest, "now": now, "must_change": int(must_change), "by": by}
    return await tx.one(SET_PASSWORD, user=user_id, **values) is not None


async def change_password(
    tx: Tx, user_id: str, digest: str, digest_read: str, now: int, by: str | None
) -> bool:
    """False if the digest is another one by now."""
    values = {"digest": digest, "digest_read": digest_read, "now": now, "must_change": 0, "by": by}
    return await tx.one(CHANGE_PASSWORD, user=user_id, **values) is not None


async def disable(tx: Tx, user_id: str, now: int, by: str | None = None) -> bool:
    """False if the user is disabled already, or is the last administrator."""
    return await tx.one(DISABLE, user=user_id, now=now, by=by) is not None


async def enable(tx: Tx, user_id: str, now: int, by: str | None) -> bool:
    """True if the user was disabled."""
    if await tx.one(ENABLE, user=user_id) is None:
        return False
    await note_enabled(tx, user_id, now, by)
    return True


def user_of(row: Row) -> User:
    """From a row with `COLUMNS`."""
    return User(
        id=row["id"],
        organisation_id=row["organisation_id"],
        organisation_name=row["organisation_name"],
        email=row["email"],
        email_verified=bool(row["email_verified"]),
        name=row["name"],
        locale=row["locale"],
        roles=parse_roles(row["roles"]),
        access_revision=row["access_revision"],
        disabled=row["disabled_at"] is not None,
        suspended=row["suspended_at"] is not None,
    )
