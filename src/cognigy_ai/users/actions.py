"""Deeds on users. Pages, API and command line call these alike."""

from typing import Any

from cognigy_ai.audit import actions as audit
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.problems import Problem
from cognigy_ai.roles import actions as roles_
from cognigy_ai.users import rules
from cognigy_ai.users.rules import Credentials, NewUser, User
from cognigy_ai.users.store import links as links_store
from cognigy_ai.users.store import people as store
from kernel.db import Tx, UniqueViolation
from kernel.emails import email_key, is_address
from kernel.opaque import new_object_id
from kernel.problems import ProblemError
from kernel.words import search_words, sort_key


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
    values: dict[str, object] = {
        "id": user_id,
        "organisation_id": new.organisation_id,
        "email": address,
        "email_key": email_key(address),
        "email_verified": int(new.email_verified),
        "name": new.name.strip(),
        "name_key": sort_key(new.name),
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
    await store.set_words(tx, user_id, new.organisation_id, search_words(new.name, address))
    for role in roles:
        await roles_.give(tx, user_id, role)
    await _record(tx, "user.created", user_id, new.organisation_id, now, roles=list(roles))
    return user_id


async def find_by_email(db: Tx, email: str, organisation_id: str | None) -> list[Credentials]:
    """Everybody with that address, in one organisation or in all; in a fixed order."""
    return await store.find_by_email(db, email_key(email), organisation_id)


async def get_by_email(db: Tx, email: str, organisation_id: str | None) -> User:
    """The one user with that address; raises USER_UNKNOWN or USER_AMBIGUOUS."""
    found = await find_by_email(db, email, organisation_id)
    if not found:
        raise ProblemError(Problem.USER_UNKNOWN)
    if len(found) > 1:
        raise ProblemError(Problem.USER_AMBIGUOUS)
    return found[0].user


async def find(db: Tx, user_id: str) -> User | None:
    """None if there is no such user."""
    return await store.find(db, user_id)


async def get(db: Tx, user_id: str) -> User:
    """The user; raises USER_UNKNOWN."""
    found = await store.find(db, user_id)
    if found is None:
        raise ProblemError(Problem.USER_UNKNOWN, user_id=user_id)
    return found


async def list_users(db: Tx, organisation_id: str) -> list[User]:
    """Everybody in an organisation, by address."""
    return await store.list_users(db, organisation_id)


async def find_digest(db: Tx, user_id: str) -> str | None:
    """What a password is compared with."""
    return await store.find_digest(db, user_id)


async def change(
    tx: Tx, user_id: str, *, name: str, locale: str, email_verified: bool, now: int
) -> bool:
    """Make these as given; False if they were so."""
    user = await get(tx, user_id)
    _check_name(name)
    _check_locale(locale)
    if (user.name, user.locale, user.email_verified) == (name.strip(), locale, email_verified):
        return False
    values = {"name": name.strip(), "locale": locale, "verified": int(email_verified)}
    await store.change(tx, user_id, values, now, audit.actor().id)
    await store.set_words(tx, user_id, user.organisation_id, search_words(name, user.email))
    await _record(tx, "user.changed", user_id, user.organisation_id, now)
    return True


async def set_roles(tx: Tx, user_id: str, roles: tuple[str, ...], now: int) -> bool:
    """Make the roles exactly these; False if they were. Raises LAST_ADMINISTRATOR."""
    user = await get(tx, user_id)
    changed = await roles_.replace(tx, user_id, roles)
    if changed:
        await store.note_change(tx, user_id, now, audit.actor().id)
        await _record(tx, "user.roles_set", user_id, user.organisation_id, now, roles=sorted(roles))
    return changed


async def add_role(tx: Tx, user_id: str, role: str, now: int) -> bool:
    """False if the user has it already."""
    user = await get(tx, user_id)
    changed = await roles_.give(tx, user_id, role)
    if changed:
        await store.note_change(tx, user_id, now, audit.actor().id)
        await _record(tx, "user.role_given", user_id, user.organisation_id, now, role=role)
    return changed


async def remove_role(tx: Tx, user_id: str, role: str, now: int) -> bool:
    """False if the user does not have it; raises LAST_ADMINISTRATOR."""
    user = await get(tx, user_id)
    changed = await roles_.take(tx, user_id, role)
    if changed:
        await store.note_change(tx, user_id, now, audit.actor().id)
        await _record(tx, "user.role_taken", user_id, user.organisation_id, now, role=role)
    return changed


async def disable(tx: Tx, user_id: str, now: int) -> bool:
    """End all access; False if it was ended. Raises LAST_ADMINISTRATOR."""
    user = await get(tx, user_id)
    if await store.disable(tx, user_id, now, audit.actor().id):
        await store.end_access_of_user(tx, user_id, now, "user_disabled")
        await links_store.void_everything(tx, user_id, now)
        await _record(tx, "user.disabled", user_id, user.organisation_id, now)
        return True
    if not (await get(tx, user_id)).disabled:
        raise ProblemError(Problem.LAST_ADMINISTRATOR, user_id=user_id)
    return False


async def enable(tx: Tx, user_id: str, now: int) -> bool:
    """The user may log in again; what was ended stays ended. False if it was so."""
    user = await get(tx, user_id)
    changed = await store.enable(tx, user_id)
    if changed:
        await store.note_change(tx, user_id, now, audit.actor().id)
        await _record(tx, "user.enabled", user_id, user.organisation_id, now)
    return changed


async def delete(tx: Tx, user_id: str, now: int) -> None:
    """The person is gone, with sessions, grants, keys and links; the audit trail keeps the id.

    Raises USER_UNKNOWN or LAST_ADMINISTRATOR.
    """
    user = await get(tx, user_id)
    if not await store.remove(tx, user_id):
        raise ProblemError(Problem.LAST_ADMINISTRATOR, user_id=user_id)
    await _record(tx, "user.deleted", user_id, user.organisation_id, now)


async def set_address(tx: Tx, user_id: str, email: str, now: int, *, verified: bool) -> bool:
    """Another e-mail address: links that were mailed to the old one are void. False if it was so.

    Raises EMAIL_INVALID or USER_EXISTS.
    """
    user = await get(tx, user_id)
    address = email.strip()
    if not is_address(address):
        raise ProblemError(Problem.EMAIL_INVALID)
    if (user.email, user.email_verified) == (address, verified):
        return False
    try:
        await store.set_address(tx, user_id, address, verified=verified)
    except UniqueViolation:
        raise ProblemError(Problem.USER_EXISTS) from None
    await store.set_words(tx, user_id, user.organisation_id, search_words(user.name, address))
    await links_store.void_everything(tx, user_id, now)
    await store.note_change(tx, user_id, now, audit.actor().id)
    await _record(tx, "user.address_changed", user_id, user.organisation_id, now)
    return True


async def end_access(tx: Tx, user_id: str, now: int) -> None:
    """The person is signed out everywhere and may sign in again."""
    user = await get(tx, user_id)
    await store.end_access_of_user(tx, user_id, now, "revoked")
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
    await store.set_password(tx, user_id, digest, now, must_change=must_change)
    await _password_changed(tx, user, now, keep_session)


async def change_password(
    tx: Tx, user: User, digest: str, digest_read: str, now: int, keep_session: str
) -> bool:
    """The same, only if the digest is still the one that the current password was checked with."""
    if not await store.change_password(tx, user.id, digest, digest_read, now):
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
