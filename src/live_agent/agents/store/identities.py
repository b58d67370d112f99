"""SQL for the identity of a user: whose it is, another one, none any more."""

from sqlalchemy import and_, bindparam, func, select, update

from kernel.db import Tx
from kernel.emails import email_key
from kernel.words import keys_of
from live_agent.agents.rules import User, user_from
from live_agent.agents.store.people import COLUMNS
from live_agent.db.tables import users

_c = users.c
_now = bindparam("now", type_=_c.created_at.type)
_one_user = _c.id == bindparam("user_id")
_as_read = and_(
    _one_user,
    _c.issuer == bindparam("old_issuer"),
    _c.subject == bindparam("old_subject"),
)
# What the identity before was told to have is no measure of the next one.
_unlinked = {"issuer": None, "subject": None, "password_digest": None, "access_revision": 0}

_FIND_OWNER = select(*COLUMNS).where(
    _c.account_id == bindparam("account_id"),
    _c.issuer == bindparam("issuer"),
    _c.subject == bindparam("subject"),
)
_RELINK = (
    update(users)
    .where(_as_read, _c.disabled_at.is_(None))
    .values(
        issuer=bindparam("issuer"),
        subject=bindparam("subject"),
        password_digest=None,
        access_revision=0,
    )
    .returning(_c.id)
)
_RETIRE = (
    update(users)
    .where(_as_read)
    .values(**_unlinked, roles="", disabled_at=func.coalesce(_c.disabled_at, _now))
    .returning(_c.id)
)


_UNLINK = (
    update(users)
    .where(_as_read, _c.disabled_at.is_(None))
    .values(
        **_unlinked,
        moved_at=None,
        moved_email=None,
        password_closed_at=None,
        email=bindparam("new_email"),
        email_key=bindparam("new_email_key"),
        name_key=bindparam("name_key"),
        found_by=bindparam("found_by"),
        keyed_as=bindparam("keyed_as"),
        confirmed_at=None,
    )
    .returning(_c.id)
)
_MOVED_EMAIL = select(_c.moved_email).where(_one_user)
_ERASE_PASSWORD = update(users).where(_one_user).values(password_digest=None)


async def find_owner(tx: Tx, account_id: int, identity: tuple[str, str]) -> User | None:
    issuer, subject = identity
    row = await tx.one(_FIND_OWNER, account_id=account_id, issuer=issuer, subject=subject)
    return user_from(row) if row else None


async def relink(tx: Tx, user: User, identity: tuple[str, str]) -> bool:
    """False if the user is not what was read: somebody was quicker."""
    issuer, subject = identity
    row = await tx.one(_RELINK, **_read(user), issuer=issuer, subject=subject)
    return row is not None


async def retire(tx: Tx, user: User, now: int) -> bool:
    return await tx.one(_RETIRE, **_read(user), now=now) is not None


async def unlink(tx: Tx, user: User, email: str) -> bool:
    row = await tx.one(
        _UNLINK,
        **_read(user),
        new_email=email,
        new_email_key=email_key(email),
        **keys_of(user.name, email),
    )
    return row is not None


async def find_moved_email(tx: Tx, user_id: str) -> str | None:
    row = await tx.one(_MOVED_EMAIL, user_id=user_id)
    return row["moved_email"] if row else None


async def erase_password(tx: Tx, user_id: str) -> None:
    await tx.one(_ERASE_PASSWORD, user_id=user_id)


def _read(user: User) -> dict[str, str | None]:
    return {"user_id": user.id, "old_issuer": user.issuer, "old_subject": user.subject}
