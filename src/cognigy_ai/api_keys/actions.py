"""Deeds on API keys. Pages, API and command line call these alike."""

from collections.abc import Sequence

from cognigy_ai.api_keys import rules, store
from cognigy_ai.api_keys.rules import ApiKey, Holder, MadeKey, Place
from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import Permission, may
from cognigy_ai.users import actions as users
from cognigy_ai.users import locks
from cognigy_ai.users.rules import User
from kernel.db import Database, Tx
from kernel.opaque import fingerprint, new_id, new_secret
from kernel.problems import ProblemError


async def create(tx: Tx, owner: User, name: str, expires_at: int, now: int) -> MadeKey:
    """A key with the owner's rights; the secret is told once.

    Raises PERMISSION_MISSING, NAME_INVALID, API_KEY_END_INVALID or API_KEYS_TOO_MANY.
    """
    owner = await _locked(tx, owner.id)
    if not (owner.may_log_in and may(owner.roles, Permission.API_KEYS_OWN)):
        raise ProblemError(Problem.PERMISSION_MISSING, user_id=owner.id)
    if await store.count_living_of_owner(tx, owner.id, now) >= rules.MOST_OF_ONE_OWNER:
        raise ProblemError(Problem.API_KEYS_TOO_MANY, most=rules.MOST_OF_ONE_OWNER)
    return await _add(tx, name, expires_at, now, Place(owner.id, owner.organisation_id))


async def create_for_operator(tx: Tx, name: str, expires_at: int, now: int) -> MadeKey:
    """A key without an owner: it may do everything in every organisation. Command line only."""
    return await _add(tx, name, expires_at, now, Place())


async def find_holder(db: Tx, secret: str, now: int) -> Holder | None:
    """Who asks with this key: one statement; none for anything malformed.

    Unknown, expired, revoked, owner disabled, organisation suspended, or an owner who may have no
    keys any more: all alike.
    """
    if not rules.is_api_key(secret):
        return None
    holder = await store.find_holder(db, fingerprint(secret), now)
    if holder is None or holder.owner_id is None:
        return holder
    return holder if may(holder.roles, Permission.API_KEYS_OWN) else None


async def note_use(db: Database, holder: Holder, now: int) -> None:
    """For "last used"; written at most once a minute."""
    if holder.use_is_to_be_noted(now):
        before = now - rules.USE_NOTED_EVERY_SECONDS
        await store.note_use(db, holder.key_id, now, before)


async def list_of_owner(db: Tx, owner_id: str) -> list[ApiKey]:
    """A person's own keys, newest first; also those that ended lately."""
    return await store.list_of_owner(db, owner_id)


async def list_of_operators(db: Tx) -> list[ApiKey]:
    """Keys without an owner, newest first."""
    return await store.list_of_operators(db)


async def list_of_organisation(
    db: Tx, organisation_id: str, most: int, before: tuple[int, str] | None = None
) -> Sequence[ApiKey]:
    """Everybody's keys there, newest first; `before`: time and id of the last one seen."""
    return await store.list_of_organisation(db, organisation_id, before, most)


async def get(db: Tx, key_id: str) -> ApiKey:
    """Any key, for operators; raises API_KEY_UNKNOWN."""
    found = await store.find(db, key_id) if rules.is_key_id(key_id) else None
    if found is None:
        raise ProblemError(Problem.API_KEY_UNKNOWN)
    return found


async def get_of_owner(db: Tx, owner_id: str, key_id: str) -> ApiKey:
    """A key of the person; raises API_KEY_UNKNOWN for another's as for none."""
    found = await get(db, key_id)
    if found.owner_id != owner_id:
        raise ProblemError(Problem.API_KEY_UNKNOWN)
    return found


async def get_of_organisation(db: Tx, organisation_id: str, key_id: str) -> ApiKey:
    """A key of somebody there; raises API_KEY_UNKNOWN for another organisation's as for none."""
    found = await get(db, key_id)
    if found.organisation_id != organisation_id:
        raise ProblemError(Problem.API_KEY_UNKNOWN)
    return found


async def revoke(tx: Tx, key: ApiKey, now: int) -> bool:
    """It is worth nothing from now on. False if it was revoked already."""
    changed = await store.revoke(tx, key.id, now)
    if changed:
        await _record(tx, "api_key.revoked", key.id, key.place, now)
    return changed


async def rotate(tx: Tx, key: ApiKey, overlap_seconds: int, now: int) -> MadeKey:
    """A second key of the same name and owner; this one is valid for the overlap only.

    Raises API_KEY_ENDED: what has ended is not renewed but made anew.
    """
    if key.owner_id is not None:
        await _locked(tx, key.owner_id)
        key = await get(tx, key.id)
    if key.state(now) != rules.ACTIVE:
        raise ProblemError(Problem.API_KEY_ENDED)
    expires_at = rules.end_after_rotation(key, now)
    made = await _add(tx, key.name, expires_at, now, key.place)
    if overlap_seconds:
        await store.end_by(tx, key.id, now, now + overlap_seconds)
    else:
        await store.revoke(tx, key.id, now)
    await _record(tx, "api_key.rotated", key.id, key.place, now, new_key_id=made.id)
    return made


async def prune(db: Tx, now: int) -> int:
    """Remove keys that ended three months ago; returns how many."""
    return await store.prune(db, now - rules.KEPT_AFTER_END_SECONDS)


async def _locked(tx: Tx, owner_id: str) -> User:
    """Whoever revokes all keys of the person sees the new one too, or it is not made."""
    await locks.lock_user(tx, owner_id)
    return await users.get(tx, owner_id)


async def _add(tx: Tx, name: str, expires_at: int, now: int, place: Place) -> MadeKey:
    if not rules.is_name(name):
        raise ProblemError(Problem.NAME_INVALID)
    if not rules.is_end(expires_at, now):
        raise ProblemError(Problem.API_KEY_END_INVALID)
    key_id, secret = new_id(), new_secret(rules.PREFIX)
    await store.add(
        tx,
        key=key_id,
        mark=fingerprint(secret),
        hint=secret[: rules.HINT_CHARACTERS],
        new_name=name.strip(),
        owner=place.owner_id,
        organisation=place.organisation_id,
        now=now,
        expires_at=expires_at,
    )
    await _record(tx, "api_key.created", key_id, place, now)
    return MadeKey(key_id, secret, expires_at)


async def _record(tx: Tx, event: str, key_id: str, place: Place, now: int, **details: str) -> None:
    await audit.record(
        tx,
        event,
        now,
        user_id=place.owner_id,
        organisation_id=place.organisation_id,
        key_id=key_id,
        **details,
    )
