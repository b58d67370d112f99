"""SQL for users, and for what closes when they move."""

from typing import Any

from sqlalchemy import Integer, and_, bindparam, case, delete, func, insert, or_, select, update

from kernel.db import Tx
from kernel.words import keys_of
from live_agent.accounts.rules import Account, account_from
from live_agent.agents.rules import User, user_from
from live_agent.db.endings import SESSIONS_GONE
from live_agent.db.tables import accounts, api_tokens, old_links, users

_c = users.c
COLUMNS = (
    _c.id,
    _c.account_id,
    _c.issuer,
    _c.subject,
    _c.email,
    _c.email_key,
    _c.name,
    _c.locale,
    _c.roles,
    _c.presence,
    _c.confirmed_at,
    case((_c.password_digest.is_(None), 0), else_=1).label("has_password"),
    _c.password_closed_at,
    _c.access_revision,
    _c.created_at,
    _c.moved_at,
    _c.last_login_at,
    _c.last_login_method,
    _c.disabled_at,
)
_one_user = _c.id == bindparam("user_id")

_GET = select(*COLUMNS).where(_c.account_id == bindparam("account_id"), _one_user)
# The account, the identity's owner and everybody with the address, as of one moment: read one after
# the other, a colleague's first login in between would look like another person's.
_ACCOUNT = tuple(column.label(f"of_{column.name}") for column in accounts.c)
_FIND_FOR_LOGIN = (
    select(*_ACCOUNT, *COLUMNS)
    .join_from(
        accounts,
        users,
        and_(
            _c.account_id == accounts.c.id,
            or_(
                and_(_c.issuer == bindparam("issuer"), _c.subject == bindparam("subject")),
                _c.email_key == bindparam("email_key"),
            ),
        ),
        isouter=True,
    )
    .where(accounts.c.organisation_id == bindparam("organisation_id"))
    .order_by(_c.created_at, _c.id)
)
_LIST_BY_EMAIL = (
    select(*COLUMNS)
    .where(_c.account_id == bindparam("account_id"), _c.email_key == bindparam("email_key"))
    .order_by(_c.created_at, _c.id)
)
_LIST = (
    select(*COLUMNS).where(_c.account_id == bindparam("account_id")).order_by(_c.email_key, _c.id)
)
_FIND = select(*COLUMNS).where(_one_user)
_PAGE = (
    select(*COLUMNS)
    .where(_c.account_id == bindparam("account_id"), _c.id > bindparam("after"))
    .order_by(_c.id)
    .limit(bindparam("most", type_=Integer))
)
# Sessions, API tokens, links and pending proofs go with the user.
_DELETE = delete(users).where(_one_user).returning(_c.account_id)
_DELETE_OF_ACCOUNT = delete(users).where(_c.account_id == bindparam("account_id")).returning(_c.id)
_INSERT = insert(users)
_LINK = (
    update(users)
    .where(_one_user, _c.subject.is_(None), _c.disabled_at.is_(None))
    .values(
        issuer=bindparam("issuer"),
        subject=bindparam("subject"),
        password_digest=None,
        confirmed_at=func.coalesce(
            _c.confirmed_at, bindparam("confirmed_at", type_=_c.created_at.type)
        ),
        moved_at=bindparam("now"),
        moved_email=_c.email,
    )
    .returning(_c.id)
)
# Of a login and a disabling that meet, one waits for the other: no session outlives the second.
_REFRESH = (
    update(users)
    .where(_one_user, _c.disabled_at.is_(None))
    .values(
        email=bindparam("email"),
        email_key=bindparam("email_key"),
        name=bindparam("name"),
        name_key=bindparam("name_key"),
        found_by=bindparam("found_by"),
        keyed_as=bindparam("keyed_as"),
        locale=bindparam("locale"),
        roles=bindparam("roles"),
        access_revision=bindparam("access_revision"),
        last_login_at=bindparam("now"),
        last_login_method="cognigy",
    )
    .returning(_c.id)
)
_TAKE_ROLES = (
    update(users).where(_one_user).values(roles="", access_revision=bindparam("access_revision"))
)
_SET_PRESENCE = (
    update(users).where(_one_user).values(presence=bindparam("presence")).returning(_c.id)
)
_DISABLE = (
    update(users)
    .where(_one_user, _c.account_id == bindparam("account_id"))
    .values(disabled_at=func.coalesce(_c.disabled_at, bindparam("now", type_=_c.created_at.type)))
    .returning(*COLUMNS)
)
_ENABLE = (
    update(users)
    .where(_one_user, _c.account_id == bindparam("account_id"))
    .values(disabled_at=None)
    .returning(*COLUMNS)
)
_LOCKED_OUT = select(_c.id).where(
    _one_user,
    _c.account_id == bindparam("account_id"),
    _c.disabled_at.is_not(None),
    _c.purged_at.is_(None),
)
_VOID_LINKS = (
    update(old_links)
    .where(
        old_links.c.user_id == bindparam("user_id"),
        old_links.c.used_at.is_(None),
        old_links.c.voided_at.is_(None),
    )
    .values(voided_at=bindparam("now"))
)
_END_API_TOKENS = (
    update(api_tokens)
    .where(api_tokens.c.user_id == bindparam("user_id"), api_tokens.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)


async def get(tx: Tx, account_id: int, user_id: str) -> User | None:
    row = await tx.one(_GET, account_id=account_id, user_id=user_id)
    return user_from(row) if row else None


async def find(tx: Tx, user_id: str) -> User | None:
    row = await tx.one(_FIND, user_id=user_id)
    return user_from(row) if row else None


async def list_page(tx: Tx, account_id: int, after: str, most: int) -> list[User]:
    rows = await tx.all(_PAGE, account_id=account_id, after=after, most=most)
    return [user_from(row) for row in rows]


async def delete_user(tx: Tx, user_id: str) -> bool:
    row = await tx.one(_DELETE, user_id=user_id)
    tx.tell(SESSIONS_GONE)
    return row is not None


async def delete_of_account(tx: Tx, account_id: int) -> int:
    gone = await tx.all(_DELETE_OF_ACCOUNT, account_id=account_id)
    tx.tell(SESSIONS_GONE)
    return len(gone)


async def find_for_login(
    tx: Tx, organisation_id: str, identity: tuple[str, str], email_key: str
) -> tuple[Account | None, list[User]]:
    issuer, subject = identity
    rows = await tx.all(
        _FIND_FOR_LOGIN,
        organisation_id=organisation_id,
        issuer=issuer,
        subject=subject,
        email_key=email_key,
    )
    if not rows:
        return None, []
    account = account_from({c.name: rows[0][f"of_{c.name}"] for c in accounts.c})
    return account, [user_from(row) for row in rows if row["id"] is not None]


async def list_by_email(tx: Tx, account_id: int, email_key: str) -> list[User]:
    rows = await tx.all(_LIST_BY_EMAIL, account_id=account_id, email_key=email_key)
    return [user_from(row) for row in rows]


async def list_of_account(tx: Tx, account_id: int) -> list[User]:
    return [user_from(row) for row in await tx.all(_LIST, account_id=account_id)]


async def add(tx: Tx, values: dict[str, Any]) -> None:
    await tx.one(_INSERT, **values, **keys_of(values["name"], values["email"]))


async def link(tx: Tx, user_id: str, values: dict[str, Any]) -> bool:
    """False if the user is linked or disabled already: somebody was quicker."""
    return await tx.one(_LINK, user_id=user_id, **values) is not None


async def refresh(tx: Tx, user_id: str, values: dict[str, Any]) -> bool:
    """False if the user is deleted or disabled by now."""
    keys = keys_of(values["name"], values["email"])
    return await tx.one(_REFRESH, user_id=user_id, **values, **keys) is not None


async def take_roles(tx: Tx, user_id: str, access_revision: int) -> None:
    await tx.one(_TAKE_ROLES, user_id=user_id, access_revision=access_revision)


async def set_presence(tx: Tx, user_id: str, presence: str) -> None:
    await tx.one(_SET_PRESENCE, user_id=user_id, presence=presence)


async def disable(tx: Tx, account_id: int, user_id: str, now: int) -> User | None:
    row = await tx.one(_DISABLE, account_id=account_id, user_id=user_id, now=now)
    return user_from(row) if row else None


async def is_locked_out(tx: Tx, account_id: int, user_id: str) -> bool:
    """Disabled here, not deleted in Cognigy.AI."""
    return await tx.one(_LOCKED_OUT, account_id=account_id, user_id=user_id) is not None


async def enable(tx: Tx, account_id: int, user_id: str) -> User | None:
    row = await tx.one(_ENABLE, account_id=account_id, user_id=user_id)
    return user_from(row) if row else None


async def void_links(tx: Tx, user_id: str, now: int) -> None:
    await tx.one(_VOID_LINKS, user_id=user_id, now=now)


async def end_api_tokens(tx: Tx, user_id: str, now: int) -> None:
    await tx.one(_END_API_TOKENS, user_id=user_id, now=now)
