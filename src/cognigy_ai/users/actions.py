"""Deeds on users. Pages, API and command line call these alike."""

from typing import Any

from cognigy_ai.audit import actions as audit
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.roles import actions as roles_
from cognigy_ai.roles.rules import ADMIN
from cognigy_ai.users import locks, rules
from cognigy_ai.users.finding import (
    find,
    find_bcrypt_cost,
    find_by_email,
    find_digest,
    get,
    get_by_email,
    is_only_invited,
    list_several,
    list_users,
)
from cognigy_ai.users.rules import Keys, NewUser, User
from cognigy_ai.users.store import keys as key_store
from cognigy_ai.users.store import links as links_store
from cognigy_ai.users.store import people as store
from kernel.db import Tx, UniqueViolation
from kernel.emails import email_key, is_address
from kernel.opaque import new_object_id
from kernel.problems import ProblemError

__all__ = [
    "add_role",
    "change",
    "change_password",
    "check_roles",
    "create",
    "delete",
    "disable",
    "enable",
    "end_access",
    "find",
    "find_bcrypt_cost",
    "find_by_email",
    "find_digest",
    "get",
    "get_by_email",
    "is_only_invited",
    "list_several",
    "list_users",
    "remove_role",
    "revoke_keys",
    "set_address",
    "set_password",
    "set_roles",
    "set_verified",
]


async def create(tx: Tx, new: NewUser, now: int) -> str:
    """Make a user; returns the id.

    Raises ORGANISATION_UNKNOWN, EMAIL_INVALID, NAME_INVALID, ROLE_UNKNOWN or USER_EXISTS.
    """
    await organisations.get(tx, new.organisation_id)
    address = new.email.strip()
    if not is_address(address):
        raise ProblemError(Problem.EMAIL_INVALID)
    _check_name(new.name)
    _check_locale(new.locale)
    roles = roles_.check_known(new.roles)
    user_id = new_object_id()
    keys = Keys.of(user_id, new.organisation_id, new.name.strip(), address)
    values: dict[str, object] = {
        "id": user_id,
        "organisation_id": new.organisation_id,
        "email": address,
        "email_key": email_key(address),
        "email_verified": int(new.email_verified),
        "name": keys.name,
        "name_key": keys.name_key,
        "keyed_as": keys.keyed_as,
        "locale": new.locale,
        "password_digest": new.password_digest,
        "password_changed_at": now if new.password_digest else None,
        "must_change_password": int(new.must_change_password),
        "access_revision": 1,
        "created_at": now,
        "created_by": audit.actor().id,
    }
    try:
        await store.add(tx, values)
    except UniqueViolation:
        raise ProblemError(Problem.USER_EXISTS) from None
    await key_store.add_words(tx, [keys])
    for role in roles:
        await roles_.give(tx, user_id, role)
    await _record(tx, "user.created", user_id, new.organisation_id, now, roles=list(roles))
    return user_id


async def change(tx: Tx, user_id: str, *, name: str, locale: str, now: int) -> bool:
    """Make these as given; False if they were so."""
    user = await get(tx, user_id)
    _check_name(name)
    _check_locale(locale)
    if (user.name, user.locale) == (name.strip(), locale):
        return False
    keys = Keys.of(user_id, user.organisation_id, name.strip(), user.email)
    await store.change(tx, keys, locale, now, audit.actor().id)
    await key_store.set_words(tx, keys)
    await _record(tx, "user.changed", user_id, user.organisation_id, now)
    return True


async def set_verified(tx: Tx, user_id: str, now: int, *, verified: bool) -> bool:
    """An operator knows that the address is theirs, or that it is not. False if it was so."""
    user = await get(tx, user_id)
    changed = await store.set_verified(tx, user_id, now, audit.actor().id, verified=verified)
    if changed:
        await _record(tx, "user.changed", user_id, user.organisation_id, now)
    return changed


async def set_roles(tx: Tx, user_id: str, roles: tuple[str, ...], now: int) -> bool:
    """Make the roles exactly these; False if they were. Raises LAST_ADMINISTRATOR.

    Whoever becomes an administrator loses the links under way: others may have asked for them.
    """
    user = await _locked(tx, user_id)
    changed = await roles_.replace(tx, user_id, roles)
    if changed:
        if ADMIN in roles and ADMIN not in user.roles:
            await links_store.void_everything(tx, user_id, now)
        await store.note_change(tx, user_id, now, audit.actor().id)
        await _record(tx, "user.roles_set", user_id, user.organisation_id, now, roles=sorted(roles))
    return changed


async def add_role(tx: Tx, user_id: str, role: str, now: int) -> bool:
    """False if the user has it already. With `admin` the links under way are void."""
    user = await _locked(tx, user_id)
    changed = await roles_.give(tx, user_id, role)
    if changed:
        if role == ADMIN:
            await links_store.void_everything(tx, user_id, now)
        await store.note_change(tx, user_id, now, audit.actor().id)
        await _record(tx, "user.role_given", user_id, user.organisation_id, now, role=role)
    return changed


async def remove_role(tx: Tx, user_id: str, role: str, now: int) -> bool:
    """False if the user does not have it; raises LAST_ADMINISTRATOR."""
    user = await _locked(tx, user_id)
    changed = await roles_.take(tx, user_id, role)
    if changed:
        await store.note_change(tx, user_id, now, audit.actor().id)
        await _record(tx, "user.role_taken", user_id, user.organisation_id, now, role=role)
    return changed


async def disable(tx: Tx, user_id: str, now: int) -> bool:
    """End all access, API keys too; False if it was ended. Raises LAST_ADMINISTRATOR."""
    user = await _locked(tx, user_id)
    if await store.disable(tx, user_id, now, audit.actor().id):
        await store.end_access_of_user(tx, user_id, now, "user_disabled")
        await revoke_keys(tx, user_id, user.organisation_id, now, "user_disabled")
        await links_store.void_everything(tx, user_id, now)
        await _record(tx, "user.disabled", user_id, user.organisation_id, now)
        return True
    if not (await get(tx, user_id)).disabled:
        raise ProblemError(Problem.LAST_ADMINISTRATOR, user_id=user_id)
    return False


async def enable(tx: Tx, user_id: str, now: int) -> bool:
    """The user may log in again; what was ended stays ended. False if it was so."""
    user = await get(tx, user_id)
    changed = await store.enable(tx, user_id, now, audit.actor().id)
    if changed:
        await _record(tx, "user.enabled", user_id, user.organisation_id, now)
    return changed


async def delete(tx: Tx, user_id: str, now: int) -> None:
    """The person is gone, with sessions, grants, keys and links; the audit trail keeps the id.

    Raises USER_UNKNOWN or LAST_ADMINISTRATOR.
    """
    user = await _locked(tx, user_id)
    if not await store.remove(tx, user_id, now):
        raise ProblemError(Problem.LAST_ADMINISTRATOR, user_id=user_id)
    await _record(tx, "user.deleted", user_id, user.organisation_id, now)


async def set_address(
    tx: Tx, user_id: str, email: str, now: int, *, verified: bool, only_invited: bool = False
) -> bool:
    """Another e-mail address: links that were mailed to the old one are void. False if it was so.

    `only_invited`: not of somebody who proved the present one, has a password or signed in once.
    Raises EMAIL_INVALID, USER_EXISTS or ADDRESS_IS_VERIFIED.
    """
    await locks.lock_user(tx, user_id)
    user = await get(tx, user_id)
    address = email.strip()
    if not is_address(address):
        raise ProblemError(Problem.EMAIL_INVALID)
    if (user.email, user.email_verified) == (address, verified):
        return False
    keys = Keys.of(user_id, user.organisation_id, user.name, address)
    setting = store.correct_address if only_invited else store.set_address
    try:
        done = await setting(tx, keys, verified=verified)
    except UniqueViolation:
        raise ProblemError(Problem.USER_EXISTS) from None
    if not done:
        raise ProblemError(Problem.ADDRESS_IS_VERIFIED, user_id=user_id)
    await key_store.set_words(tx, keys)
    await links_store.void_everything(tx, user_id, now)
    await store.note_change(tx, user_id, now, audit.actor().id)
    await _record(tx, "user.address_changed", user_id, user.organisation_id, now)
    return True


async def revoke_keys(tx: Tx, user_id: str, organisation_id: str, now: int, because: str) -> None:
    """The person's API keys are worth nothing from now on."""
    for key in await store.revoke_keys_of_user(tx, user_id, now):
        whose = (user_id, organisation_id)
        await _record(tx, "api_key.revoked", *whose, now, key_id=key, because=because)


async def end_access(tx: Tx, user_id: str, now: int) -> None:
    """The person is signed out everywhere, without API keys, and may sign in again."""
    user = await get(tx, user_id)
    await store.end_access_of_user(tx, user_id, now, "revoked")
    await revoke_keys(tx, user_id, user.organisation_id, now, "revoked")
    await _record(tx, "user.access_ended", user_id, user.organisation_id, now)


async def set_password(
    tx: Tx,
    user_id: str,
    digest: str,
    now: int,
    keep_session: str | None = None,
    *,
    must_change: bool = False,
) -> None:
    """A new password: other sessions end, what was granted in them is revoked, links are void.

    `must_change`: somebody else knows it, so the person is asked for another at the next sign-in.
    """
    user = await get(tx, user_id)
    by = audit.actor().id
    await store.set_password(tx, user_id, digest, now, must_change=must_change, by=by)
    await _password_changed(tx, user, now, keep_session)


async def change_password(
    tx: Tx, user: User, digest: str, digest_read: str, now: int, keep_session: str
) -> bool:
    """The same, only if the digest is still the one that the current password was checked with."""
    if not await store.change_password(tx, user.id, digest, digest_read, now, audit.actor().id):
        return False
    await _password_changed(tx, user, now, keep_session)
    return True


async def _password_changed(tx: Tx, user: User, now: int, keep_session: str | None) -> None:
    await store.end_access_of_user(tx, user.id, now, "password_changed", keep_session)
    await links_store.void_everything(tx, user.id, now)
    await _record(tx, "user.password_changed", user.id, user.organisation_id, now)


def check_roles(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Each role once, with the one that everybody has; raises ROLE_UNKNOWN."""
    return roles_.check_known(roles)


async def _locked(tx: Tx, user_id: str) -> User:
    """The person as nobody changes them until the commit; raises USER_UNKNOWN."""
    await locks.lock_person(tx, user_id)
    return await get(tx, user_id)


def _check_name(name: str) -> None:
    if not rules.is_name(name):
        raise ProblemError(Problem.NAME_INVALID)


def _check_locale(locale: str) -> None:
    if locale not in rules.LOCALES:
        raise ProblemError(Problem.LOCALE_UNKNOWN, locales=", ".join(rules.LOCALES))


async def _record(
    tx: Tx, event: str, user_id: str, organisation_id: str, now: int, **details: Any
) -> None:
    await audit.record(tx, event, now, user_id=user_id, organisation_id=organisation_id, **details)
