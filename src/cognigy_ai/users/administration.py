"""Deeds on the people of an organisation, with the rights of whoever does them.

Admin pages, the JSON API and the import call these; each checks `by` inside the transaction, and
a person's rights as they are in it: absent and foreign people are the same USER_UNKNOWN, what the
roles do not allow is PERMISSION_MISSING. The command line is an operator's and calls
`users.actions`.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import NoReturn, Protocol, TypeVar

from cognigy_ai.problems import Problem
from cognigy_ai.roles import rules as roles_
from cognigy_ai.roles.rules import Permission
from cognigy_ai.users import actions as users
from cognigy_ai.users import locks
from cognigy_ai.users.rules import OPERATOR, By, NewUser, User, is_user_id
from kernel.db import Tx
from kernel.problems import ProblemError

__all__ = ["OPERATOR", "By"]


class Member(Protocol):
    """A person, however much is known of them."""

    @property
    def organisation_id(self) -> str: ...


AnyMember = TypeVar("AnyMember", bound=Member)


async def get_member(
    db: Tx,
    find: Callable[[Tx, str], Awaitable[AnyMember | None]],
    organisation_id: str | None,
    user_id: str,
) -> AnyMember:
    """Somebody of that organisation (None: of any), as `find` tells them; raises USER_UNKNOWN."""
    found = await find(db, user_id) if is_user_id(user_id) else None
    if found is None or organisation_id not in (None, found.organisation_id):
        raise ProblemError(Problem.USER_UNKNOWN, user_id=user_id)
    return found


async def get_user_for(db: Tx, organisation_id: str | None, user_id: str) -> User:
    """Somebody of that organisation (None: of any); raises USER_UNKNOWN."""
    return await get_member(db, users.find, organisation_id, user_id)


def check_may_change(by: By, user: User) -> None:
    """Admins are changed by admins only; raises PERMISSION_MISSING."""
    if not roles_.may_change(by.roles, user.roles):
        _refuse(Permission.ADMINS_WRITE if roles_.ADMIN in user.roles else Permission.USERS_WRITE)


async def list_users_for(db: Tx, organisation_id: str, user_ids: Iterable[str]) -> list[User]:
    """Those of them who are there and in that organisation, in one query."""
    found = await users.list_several(db, filter(is_user_id, user_ids))
    return [user for user in found if user.organisation_id == organisation_id]


async def get_to_change(tx: Tx, by: By, user_id: str) -> User:
    """Somebody whom `by` may change, as nobody else changes them until the commit."""
    return (await _open(tx, by, user_id))[0]


async def get_other_to_change(tx: Tx, by: By, user_id: str) -> User:
    """The same, and it is not oneself; raises OWN_ACCOUNT too."""
    _check_not_own(by, user_id)
    return await get_to_change(tx, by, user_id)


async def create(tx: Tx, by: By, new: NewUser, now: int) -> str:
    """Make a user; returns the id. Raises what `users.create` raises too.

    The address counts as unverified: only a mailed link verifies one (DESIGN section 3 rule 4).
    """
    if by.organisation_id not in (None, new.organisation_id):
        raise ProblemError(Problem.ORGANISATION_UNKNOWN, organisation_id=new.organisation_id)
    await locks.lock_organisation(tx, new.organisation_id)
    by = await _present(tx, by)
    if not roles_.may(by.roles, Permission.USERS_WRITE):
        _refuse(Permission.USERS_WRITE)
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
        now=now,
    )


async def set_address(tx: Tx, by: By, user_id: str, email: str, now: int) -> bool:
    """Another address for a person who is merely invited; it is unverified.

    Whoever confirmed the present one, has a password or signed in once is told of a change, and
    the new one is proved first: `emails.ask`.
    Raises OWN_ACCOUNT, ADDRESS_IS_VERIFIED, EMAIL_INVALID or USER_EXISTS.
    """
    await get_other_to_change(tx, by, user_id)
    return await users.set_address(tx, user_id, email, now, verified=False, only_invited=True)


async def give(tx: Tx, by: By, user_id: str, role: str, now: int) -> bool:
    """False if the person has the role. Raises ROLE_UNKNOWN."""
    _, by = await _open(tx, by, user_id)
    _check_given(by, (role,))
    return await users.add_role(tx, user_id, role, now)


async def take(tx: Tx, by: By, user_id: str, role: str, now: int) -> bool:
    """False if the person does not have the role. Raises BASE_ROLE_STAYS, LAST_ADMINISTRATOR."""
    _, by = await _open(tx, by, user_id)
    _check_given(by, (role,))
    if role == roles_.BASE_ROLE:
        raise ProblemError(Problem.BASE_ROLE_STAYS, user_id=user_id)
    return await users.remove_role(tx, user_id, role, now)


async def set_roles(tx: Tx, by: By, user_id: str, roles: Iterable[str], now: int) -> bool:
    """Make the roles exactly these and the one of everybody; False if they were."""
    user, by = await _open(tx, by, user_id)
    wanted = users.check_roles(tuple(roles))
    _check_given(by, sorted(set(user.roles) ^ set(wanted)))
    return await users.set_roles(tx, user_id, wanted, now)


async def disable(tx: Tx, by: By, user_id: str, now: int) -> bool:
    """End all access; False if it was ended. Raises OWN_ACCOUNT or LAST_ADMINISTRATOR."""
    await get_other_to_change(tx, by, user_id)
    return await users.disable(tx, user_id, now)


async def enable(tx: Tx, by: By, user_id: str, now: int) -> bool:
    """The person may log in again; False if it was so."""
    await get_to_change(tx, by, user_id)
    return await users.enable(tx, user_id, now)


async def delete(tx: Tx, by: By, user_id: str, now: int) -> None:
    """The person is gone. Raises OWN_ACCOUNT or LAST_ADMINISTRATOR."""
    await get_other_to_change(tx, by, user_id)
    await users.delete(tx, user_id, now)


async def end_access(tx: Tx, by: By, user_id: str, now: int) -> None:
    """Signed out everywhere, applications have to ask again, and API keys are revoked."""
    await get_to_change(tx, by, user_id)
    await users.end_access(tx, user_id, now)


async def set_password(tx: Tx, by: By, user_id: str, digest: str, now: int) -> None:
    """A first or new password; the person has to choose another at the next sign-in."""
    await get_to_change(tx, by, user_id)
    await users.set_password(tx, user_id, digest, now, must_change=True)


async def _open(tx: Tx, by: By, user_id: str) -> tuple[User, By]:
    """The person, and the rights that `by` has; neither changes until the commit."""
    await get_user_for(tx, by.organisation_id, user_id)  # nothing is locked for a stranger
    await locks.lock_person(tx, user_id)
    user, present = await get_user_for(tx, by.organisation_id, user_id), await _present(tx, by)
    check_may_change(present, user)
    return user, present


async def _present(tx: Tx, by: By) -> By:
    """What a person may do now, not when the request began; raises PERMISSION_MISSING."""
    if by.user_id is None:
        return by
    actor = await users.find(tx, by.user_id)
    if actor is None or not actor.may_log_in or actor.organisation_id != by.organisation_id:
        _refuse(Permission.USERS_WRITE)
    return By.person(actor)


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


def _refuse(permission: Permission) -> NoReturn:
    raise ProblemError(Problem.PERMISSION_MISSING, permission=permission.name.lower())
