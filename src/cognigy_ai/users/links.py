"""Links that set a password once: mailed, or handed over by an operator.

Two links of a person never live together: a new one makes the one before void, and so do a new
password, a new address and the end of the account.
"""

from collections.abc import Sequence

from cognigy_ai import letters
from cognigy_ai.audit import actions as audit
from cognigy_ai.users import actions as users
from cognigy_ai.users import locks, passwords, rules
from cognigy_ai.users.rules import MailState, PasswordLink, User
from cognigy_ai.users.store import links as store
from kernel.db import Tx
from kernel.emails import email_key
from kernel.opaque import fingerprint, new_secret
from kernel.outbox import Outbox

PREFIX = "pl_"
EVENTS = {
    rules.INVITATION: "user.invited",
    rules.RESET: "user.reset_asked",
    rules.HANDED_OVER: "user.password_link_made",
}


async def new(tx: Tx, user_id: str, now: int) -> str:
    """The secret of a link that somebody hands over; it proves nobody's address."""
    user, secret = await _locked(tx, user_id), new_secret(PREFIX)
    await _add(tx, user, secret, PasswordLink(user.id, rules.HANDED_OVER, None), now)
    return secret


async def invite(tx: Tx, outbox: Outbox, user_id: str, invited_by_name: str, now: int) -> None:
    """Mail a link that sets the first password; raises USER_UNKNOWN. Wake the courier after it."""
    user, secret = await _locked(tx, user_id), new_secret(PREFIX)
    letter = letters.mail(
        user.email,
        user.name,
        user.locale,
        organisation=user.organisation_name,
        secret=secret,
        invited_by=invited_by_name,
    )
    letter_id = await outbox.add(tx, letters.INVITATION, letter, now)
    link = PasswordLink(user.id, rules.INVITATION, email_key(user.email), letter_id)
    await _add(tx, user, secret, link, now)


async def send_reset(tx: Tx, outbox: Outbox, user: User, now: int) -> None:
    """Mail a link that sets a new password. Wake the courier after the commit."""
    await send_resets(tx, outbox, [user], now)


async def send_resets(tx: Tx, outbox: Outbox, found: Sequence[User], now: int) -> None:
    """A mail to each spelling of the address, with a link for each organisation of that one.

    Spellings that count as the same may be different mailboxes: none is told of another.
    """
    open_to: dict[str, list[tuple[User, str]]] = {}
    # Locked in one order by everybody.
    for one in sorted(found, key=lambda user: (user.organisation_id, user.id)):
        user = await _locked(tx, one.id)
        if user.may_log_in and user.email == one.email:
            open_to.setdefault(user.email, []).append((user, new_secret(PREFIX)))
    for theirs in open_to.values():
        await _mail_resets(tx, outbox, theirs, now)


async def _mail_resets(tx: Tx, outbox: Outbox, open_to: list[tuple[User, str]], now: int) -> None:
    open_to.sort(key=lambda each: each[0].organisation_name)
    first = open_to[0][0]
    written = [{"organisation": user.organisation_name, "secret": s} for user, s in open_to]
    letter = letters.mail(first.email, first.name, first.locale, links=written)
    letter_id = await outbox.add(tx, letters.RESET, letter, now)
    for user, secret in open_to:
        link = PasswordLink(user.id, rules.RESET, email_key(user.email), letter_id)
        await _add(tx, user, secret, link, now)


async def find_mail_state(db: Tx, user_id: str, purpose: str) -> MailState | None:
    """What became of the last mail with such a link; None if nothing is known of any."""
    return await store.find_mail_state(db, user_id, purpose)


async def find(db: Tx, link: str, now: int) -> tuple[User, PasswordLink] | None:
    """Whose link it is and what it is for, if it can be used; nothing is spent."""
    found = await store.peek_link(db, link, now)
    return await _open(db, found)


async def find_owner(db: Tx, link: str, now: int) -> User | None:
    """Whose link it is, if it can be used; nothing is spent. `link` is the fingerprint."""
    found = await find(db, link, now)
    return None if found is None else found[0]


async def claim(tx: Tx, link: str, now: int) -> User | None:
    """The same, and the link is spent: of two simultaneous claims exactly one succeeds."""
    found = await _claim(tx, link, now)
    return None if found is None else found[0]


async def redeem(tx: Tx, outbox: Outbox, link: str, digest: str, now: int) -> User | None:
    """Spend the link and set the password; None if it cannot be used (any more).

    A link that was mailed proves the address that it was mailed to (DESIGN section 3 rule 4). The
    person is told of the change, except where an invitation sets the first password.
    """
    found = await _claim(tx, link, now)
    if found is None:
        return None
    user, claimed = found
    first = await users.find_digest(tx, user.id) is None
    with audit.acting(audit.Actor(audit.USER, user.id)):  # who has the link, signed in or not
        await users.set_password(tx, user.id, digest, now)
    await users.revoke_keys(tx, user.id, user.organisation_id, now, "password_changed")
    proved = claimed.email_key
    if proved is not None and await store.verify_email(tx, user.id, proved, now):
        await _record(tx, "user.email_verified", user, now)
    if not (first and claimed.purpose == rules.INVITATION):
        await passwords.tell_of_change(tx, outbox, user, now)
    return user


async def prune(db: Tx, now: int) -> int:
    """Remove links that are spent or too old; returns how many."""
    return await store.prune_links(db, now)


async def _locked(tx: Tx, user_id: str) -> User:
    await locks.lock_user(tx, user_id)
    return await users.get(tx, user_id)


async def _claim(tx: Tx, link: str, now: int) -> tuple[User, PasswordLink] | None:
    """The person's row is locked before the link's, as where a link is made: nobody deadlocks."""
    seen = await store.peek_link(tx, link, now)
    if seen is None:
        return None
    await locks.lock_user(tx, seen.user_id)
    return await _open(tx, await store.claim_link(tx, link, now))


async def _add(tx: Tx, user: User, secret: str, link: PasswordLink, now: int) -> None:
    await store.void_links(tx, user.id, now)
    expires_at = now + rules.LINK_LIFETIMES[link.purpose]
    await store.add_link(tx, fingerprint(secret), link, now, expires_at)
    await _record(tx, EVENTS[link.purpose], user, now)


async def _open(db: Tx, link: PasswordLink | None) -> tuple[User, PasswordLink] | None:
    user = None if link is None else await users.find(db, link.user_id)
    return (user, link) if link is not None and user is not None and user.may_log_in else None


async def _record(tx: Tx, event: str, user: User, now: int) -> None:
    await audit.record(tx, event, now, user_id=user.id, organisation_id=user.organisation_id)
