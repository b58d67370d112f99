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
    if (user.name, user.locale, user.email_verified) == (name.strip(), locale, email_verified):
        return False
    await store.change(tx, user_id, name.strip(), locale, email_verified=email_verified)
    await store.set_words(tx, user_id, user.organisation_id, search_words(name, user.email))
    await _record(tx, "user.changed", user_id, user.organisation_id, now)
    return True


async def set_roles(tx: Tx, user_id: str, roles: tuple[str, ...], now: int) -> bool:
    """Make the roles exactly these; False if they were. Raises LAST_ADMINISTRATOR."""
    user = await get(tx, user_id)
    changed = await roles_.replace(tx, user_id, roles)
    if changed:
        await store.raise_revision(tx, user_id)
        await _record(tx, "user.roles_set", user_id, user.organisation_id, now, roles=sorted(roles))
    return changed


async def add_role(tx: Tx, user_id: str, role: str, now: int) -> bool:
    """False if the user has it already."""
    user = await get(tx, user_id)
    changed = await roles_.give(tx, user_id, role)
    if changed:
        await store.raise_revision(tx, user_id)
        await _record(tx, "user.role_given", user_id, user.organisation_id, now, role=role)
    return changed


async def remove_role(tx: Tx, user_id: str, role: str, now: int) -> bool:
    """False if the user does not have it; raises LAST_ADMINISTRATOR."""
    user = await get(tx, user_id)
    changed = await roles_.take(tx, user_id, role)
    if changed:
        await store.raise_revision(tx, user_id)
        await _record(tx, "user.role_taken", user_id, user.organisation_id, now, role=role)
    return changed


async def disable(tx: Tx, user_id: str, now: int) -> bool:
    """End all access; False if it was ended. Raises LAST_ADMINISTRATOR."""
    user = await get(tx, user_id)
    if await store.disable(tx, user_id, now):
        await store.end_access_of_user(tx, user_id, now, "user_disabled")
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
        await store.raise_revision(tx, user_id)
        await _record(tx, "user.enabled", user_id, user.organisation_id, now)
    return changed


async def set_password(
    tx: Tx, user_id: str, digest: str, now: int, keep_session: str | None = None
) -> None:
    """A new password: other sessions end, what was granted in them is revoked, links are void."""
    user = await get(tx, user_id)
    await store.set_password(tx, user_id, digest, now)
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
    await links_store.void_links(tx, user.id, now)
    await _record(tx, "user.password_changed", user.id, user.organisation_id, now)


async def note_login(tx: Tx, user_id: str, digest_read: str, digest: str, now: int) -> bool:
    """The password was right: still the same digest, enabled, not suspended? Then note the time."""
    return await store.note_login(tx, user_id, digest_read, digest, now)


def _check_name(name: str) -> None:
    if not rules.is_name(name):
        raise ProblemError(Problem.NAME_INVALID)


async def _record(
    tx: Tx, event: str, user_id: str, organisation_id: str, now: int, **details: Any
) -> None:
    await audit.record(tx, event, now, user_id=user_id, organisation_id=organisation_id, **details)
