"""A person's new e-mail address: it counts once somebody has read mail there, and not before."""

from cognigy_ai import letters
from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import may_change
from cognigy_ai.users import actions as users
from cognigy_ai.users import locks, rules
from cognigy_ai.users.rules import EmailChange, User, is_user_id
from cognigy_ai.users.store import emails as store
from kernel.db import Tx
from kernel.emails import email_key, is_address
from kernel.opaque import fingerprint, new_secret
from kernel.outbox import Outbox
from kernel.problems import ProblemError


async def ask(tx: Tx, outbox: Outbox, user_id: str, email: str, now: int) -> None:
    """Mail a link to the new address, and word of it to the old one; what waited before is void.

    Whether a colleague has the address is told to whoever reads mail there, when the link is
    used. Raises EMAIL_INVALID, EMAIL_UNCHANGED or USER_UNKNOWN. Wake the courier after it.
    """
    address = email.strip()
    if not is_address(address):
        raise ProblemError(Problem.EMAIL_INVALID)
    await locks.lock_user(tx, user_id)
    user = await users.get(tx, user_id)
    if address == user.email:
        raise ProblemError(Problem.EMAIL_UNCHANGED)
    secret = new_secret("el_")
    organisation = user.organisation_name
    letter = letters.mail(
        address, user.name, user.locale, organisation=organisation, secret=secret, old=user.email
    )
    letter_id = await outbox.add(tx, letters.EMAIL_CHANGE, letter, now)
    await store.void(tx, user_id, now)
    values: dict[str, object] = {
        "link": fingerprint(secret),
        "user": user_id,
        "email": address,
        "email_key": email_key(address),
        "asked_by": audit.actor().id,
        "letter": letter_id,
        "now": now,
        "until": now + rules.EMAIL_CHANGE_SECONDS,
    }
    await store.add(tx, values)
    await _tell_old_address(tx, outbox, user, address, now, done=False)
    await _record(tx, "user.address_change_asked", user, now)


async def find_pending(db: Tx, user_id: str, now: int) -> EmailChange | None:
    """The new address that waits, or None."""
    return await store.find_pending(db, user_id, now)


async def cancel(tx: Tx, user_id: str, now: int) -> bool:
    """The address stays as it is; False if nothing waited."""
    user = await users.get(tx, user_id)
    cancelled = await store.void(tx, user_id, now)
    if cancelled:
        await _record(tx, "user.address_change_cancelled", user, now)
    return cancelled


async def find(db: Tx, link: str, now: int) -> tuple[User, EmailChange] | None:
    """What the link would do, if it can be used; nothing is spent. `link` is the fingerprint."""
    return await _open(db, await store.peek(db, link, now))


async def apply(tx: Tx, outbox: Outbox, link: str, now: int) -> User | None:
    """The new address counts from now on, proved by the link; None if it cannot be used.

    Sessions go on. Raises EMAIL_TAKEN, and then the link can be used again if the other person
    gives the address up.
    """
    seen = await store.peek(tx, link, now)
    if seen is None:
        return None
    # Before the link's row, as where one is made; and nobody's rights change meanwhile.
    await locks.lock_person(tx, seen.user_id)
    found = await _open(tx, await store.claim(tx, link, now))
    if found is None:
        return None
    user, change = found
    try:
        with audit.acting(audit.Actor(audit.USER, user.id)):  # who has the link, signed in or not
            await users.set_address(tx, user.id, change.email, now, verified=True)
    except ProblemError as error:
        if error.problem is Problem.USER_EXISTS:
            raise ProblemError(Problem.EMAIL_TAKEN, user_id=user.id) from None
        raise
    await _tell_old_address(tx, outbox, user, change.email, now, done=True)
    return user


async def prune(db: Tx, now: int) -> int:
    """Remove what was used or is too old; returns how many."""
    return await store.prune(db, now)


async def _open(db: Tx, change: EmailChange | None) -> tuple[User, EmailChange] | None:
    user = None if change is None else await users.find(db, change.user_id)
    if change is None or user is None or not user.may_log_in:
        return None
    return (user, change) if await _still_counts(db, user, change.asked_by) else None


async def _still_counts(db: Tx, user: User, asked_by: str | None) -> bool:
    """A change that somebody else asked for is worth as much as their rights are now.

    None: an operator asked.
    """
    if asked_by in (None, user.id):
        return True
    asker = await users.find(db, asked_by) if is_user_id(asked_by) else None
    return (
        asker is not None
        and asker.may_log_in
        and asker.organisation_id == user.organisation_id
        and may_change(asker.roles, user.roles)
    )


async def _tell_old_address(
    tx: Tx, outbox: Outbox, user: User, new_email: str, now: int, *, done: bool
) -> None:
    letter = letters.mail(
        user.email,
        user.name,
        user.locale,
        organisation=user.organisation_name,
        new_email=new_email,
        done=done,
    )
    await outbox.add(tx, letters.EMAIL_CHANGED, letter, now)


async def _record(tx: Tx, event: str, user: User, now: int) -> None:
    await audit.record(tx, event, now, user_id=user.id, organisation_id=user.organisation_id)
