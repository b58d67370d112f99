"""Deeds on the people of an organisation, with the rights of whoever does them.

Admin pages, the JSON API and the import call these; each checks `by` inside the transaction:
absent and foreign people are the same USER_UNKNOWN, what the roles do not allow is
PERMISSION_MISSING. The command line is an operator's and calls `users.actions`.
"""

from collections.abc import Iterable
from dataclasses import replace

from cognigy_ai.problems import Problem
from cognigy_ai.roles import rules as roles_
from cognigy_ai.roles.rules import Permission
from cognigy_ai.users import actions as users
from cognigy_ai.users.rules import OPERATOR, By, NewUser, User, is_user_id
from kernel.db import Tx
from kernel.problems import ProblemError

__all__ = ["OPERATOR", "By"]


async def get_user_for(db: Tx, organisation_id: str | None, user_id: str) -> User:
    """Somebody of that organisation (None: of any); raises USER_UNKNOWN."""
    user = await users.find(db, user_id) if is_user_id(user_id) else None
    if user is None or organisation_id not in (None, user.organisation_id):
        raise ProblemError(Problem.USER_UNKNOWN, user_id=user_id)
    return user


async def get_to_change(db: Tx, by: By, user_id: str) -> User:
    """The same, and `by` may change the person: admins are changed by admins only."""
    user = await get_user_for(db, by.organisation_id, user_id)
    if not roles_.may_change(by.roles, user.roles):
        _refuse(Permission.ADMINS_WRITE if roles_.ADMIN in user.roles else Permission.USERS_WRITE)
    return user


async def create(tx: Tx, by: By, new: NewUser, now: int) -> str:
    """Make a user; returns the id. Raises what `users.create` raises too.

    The address counts as unverified: only a mailed link verifies one (DESIGN section 3 rule 4).
    """
    if not roles_.may(by.roles, Permission.USERS_WRITE):
        _refuse(Permission.USERS_WRITE)
    if by.organisation_id not in (None, new.organisation_id):
        raise ProblemError(Problem.ORGANISATION_UNKNOWN, organisation_id=new.organisation_id)
    _check_given(by, new.roles)
    return await users.create(tx, replace(new, email_verified=False), now)


async def change(
    tx: Tx, by: By, user_id: str, now: int, *, name: str | None = None, locale: str | None = None
) -> bool:
    """What is given becomes so; False if it was. Raises NAME_INVALID or LOCALE_UNKNOWN."""
    user = await get_to_change(tx, by, user_id)
    return await users.change(
        tx,
        user_id,
        name=user.name if name is None else name,
        locale=user.locale if locale is None else locale,
        email_verified=user.email_verified,
        now=now,
    )


async def set_address(tx: Tx, by: By, user_id: str, email: str, now: int) -> bool:
    """Another address for a person who never proved the present one; it is unverified.

    Raises ADDRESS_IS_VERIFIED, EMAIL_INVALID or USER_EXISTS.
    """
    user = await get_to_change(tx, by, user_id)
    if user.email_verified:
        raise ProblemError(Problem.ADDRESS_IS_VERIFIED, user_id=user_id)
    return await users.set_address(tx, user_id, email, now, verified=False)


async def give(tx: Tx, by: By, user_id: str, role: str, now: int) -> bool:
    """False if the person has the role. Raises ROLE_UNKNOWN."""
    await get_to_change(tx, by, user_id)
    _check_given(by, (role,))
    return await users.add_role(tx, user_id, role, now)


async def take(tx: Tx, by: By, user_id: str, role: str, now: int) -> bool:
    """False if the person does not have the role. Raises BASE_ROLE_STAYS, LAST_ADMINISTRATOR."""
    await get_to_change(tx, by, user_id)
    _check_given(by, (role,))
    if role == roles_.BASE_ROLE:
        raise ProblemError(Problem.BASE_ROLE_STAYS, user_id=user_id)
    return await users.remove_role(tx, user_id, role, now)


async def set_roles(tx: Tx, by: By, user_id: str, roles: Iterable[str], now: int) -> bool:
    """Make the roles exactly these and the one of everybody; False if they were."""
    user = await get_to_change(tx, by, user_id)
    wanted = users.check_roles(tuple(roles))
    _check_given(by, sorted(set(user.roles) ^ set(wanted)))
    return await users.set_roles(tx, user_id, wanted, now)


async def disable(tx: Tx, by: By, user_id: str, now: int) -> bool:
    """End all access; False if it was ended. Raises OWN_ACCOUNT or LAST_ADMINISTRATOR."""
    await get_to_change(tx, by, user_id)
    _check_not_own(by, user_id)
    return await users.disable(tx, user_id, now)


async def enable(tx: Tx, by: By, user_id: str, now: int) -> bool:
    """The person may log in again; False if it was so."""
    await get_to_change(tx, by, user_id)
    return await users.enable(tx, user_id, now)


async def delete(tx: Tx, by: By, user_id: str, now: int) -> None:
    """The person is gone. Raises OWN_ACCOUNT or LAST_ADMINISTRATOR."""
    await get_to_change(tx, by, user_id)
    _check_not_own(by, user_id)
    await users.delete(tx, user_id, now)


async def end_access(tx: Tx, by: By, user_id: str, now: int) -> None:
    """Signed out everywhere, and applications have to ask again."""
    await get_to_change(tx, by, user_id)
    await users.end_access(tx, user_id, now)


async def set_password(tx: Tx, by: By, user_id: str, digest: str, now: int) -> None:
    """A first or new password; the person has to choose another at the next sign-in."""
    await get_to_change(tx, by, user_id)
    await users.set_password(tx, user_id, digest, now, must_change=True)


def _check_given(by: By, roles: Iterable[str]) -> None:
    """Everybody has the base role, so nobody has to be allowed to give it."""
    given = [role for role in roles if role != roles_.BASE_ROLE]
    for role in sorted(given, key=lambda role: role != roles_.ADMIN):
        if not roles_.may_give(by.roles, role):
            admin = role == roles_.ADMIN
            _refuse(Permission.ADMINS_WRITE if admin else Permission.ROLES_GIVE)


def _check_not_own(by: By, user_id: str) -> None:
    if by.user_id == user_id:
        raise ProblemError(Problem.OWN_ACCOUNT, user_id=user_id)


def _refuse(permission: Permission) -> None:
    raise ProblemError(Problem.PERMISSION_MISSING, permission=permission.name.lower())
