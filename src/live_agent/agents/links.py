"""Links that are mailed to old users: invitation, confirmation of the address, new password.

Two links of a person never live together: a new one makes the one before void, and so do a new
password, the move to Cognigy.AI, the closing of the old login and the end of the user. A link is
judged again where it is redeemed, before anything is written (lesson 72).
"""

from dataclasses import dataclass

from kernel.db import Database, Tx
from kernel.opaque import fingerprint, new_secret
from kernel.outbox import Outbox
from kernel.throttle import DAY_SECONDS
from live_agent.agents import actions as agents
from live_agent.agents.rules import User, user_from
from live_agent.agents.store import links as store
from live_agent.agents.store import people
from live_agent.audit import actions as audit

INVITATION, CONFIRMATION, RESET = "invitation", "confirmation", "reset"
WAY_BACK = "way_back"  # a moved user was put back: the digest of before is gone
LIFETIMES = {
    INVITATION: 7 * DAY_SECONDS,
    CONFIRMATION: 7 * DAY_SECONDS,
    RESET: 1800,
    WAY_BACK: 7 * DAY_SECONDS,
}
FOR_PASSWORDS = (INVITATION, RESET, WAY_BACK)
LETTERS = {
    INVITATION: "mail.invitation",
    CONFIRMATION: "mail.confirmation",
    RESET: "mail.reset",
    WAY_BACK: "mail.way_back",
}
PASSWORD_CHANGED_LETTER = "mail.password_changed"  # noqa: S105 - the kind of a letter
MOVED_ALREADY_LETTER = "mail.moved_already"
PREFIX = "ol_"


@dataclass(frozen=True, slots=True)
class OldLink:
    """A link that can be used: whose it is, and what for."""

    user: User
    account_name: str
    kind: str


def kind_for(user: User) -> str:
    """What somebody needs who cannot get in."""
    if not user.has_password:
        return INVITATION
    return RESET if user.confirmed else CONFIRMATION


async def mail(tx: Tx, outbox: Outbox, user: User, kind: str, now: int, *, by: str) -> bool:
    """Mail a link; False if the user has moved, may not get in, or the old login is closed.

    Wake the courier after it. `by`: the id of whoever asks, or a word such as "operator".
    """
    locked = await store.lock_old(tx, user.id)
    if locked is None:
        return False
    present, account_name = locked
    secret = new_secret(PREFIX)
    await people.void_links(tx, present.id, now)
    await store.add(
        tx,
        {
            "fingerprint": fingerprint(secret),
            "user_id": present.id,
            "kind": kind,
            "email_key": present.email_key,
            "created_at": now,
            "expires_at": now + LIFETIMES[kind],
            "used_at": None,
            "voided_at": None,
        },
    )
    letter = letter_to(present, account=account_name, secret=secret)
    await outbox.add(tx, LETTERS[kind], letter, now)
    await audit.record(
        tx, f"link.{kind}_mailed", now, user_id=present.id, account_id=present.account_id, by=by
    )
    return True


def letter_to(user: User, **values: str) -> dict[str, str]:
    """What every letter to an old user holds."""
    return {"to": user.email, "name": user.name, "locale": user.locale, **values}


async def find(db: Tx | Database, secret: str, now: int) -> OldLink | None:
    """Whose link it is and what for, if it can be used; nothing is spent."""
    row = await store.find(db, fingerprint(secret), now)
    return OldLink(user_from(row), row["account_name"], row["kind"]) if row else None


async def redeem(tx: Tx, outbox: Outbox, secret: str, digest: str, now: int) -> User | None:
    """Spend an invitation or a reset link and set the password; None if it cannot be used.

    It proves the address that it was mailed to. The caller ends the sessions.
    """
    found = await _claim(tx, secret, now)
    if found is None or found.kind == CONFIRMATION:
        return None
    user = found.user
    if await agents.set_password(tx, user.account_id, user.id, digest, now) is None:
        return None  # not reached: the row is locked
    await _confirm(tx, user, now)
    if user.has_password:
        letter = letter_to(user, account=found.account_name)
        await outbox.add(tx, PASSWORD_CHANGED_LETTER, letter, now)
    return user


async def confirm(tx: Tx, secret: str, now: int) -> User | None:
    """Spend a confirmation link; the password stays."""
    found = await _claim(tx, secret, now)
    if found is None or found.kind != CONFIRMATION:
        return None
    await _confirm(tx, found.user, now)
    return found.user


async def _claim(tx: Tx, secret: str, now: int) -> OldLink | None:
    """The person's row is locked before the link's, as where a move locks them."""
    seen = await find(tx, secret, now)
    if seen is None or await store.lock_old(tx, seen.user.id) is None:
        return None
    found = await find(tx, secret, now)
    return found if found and await store.claim(tx, fingerprint(secret), now) else None


async def _confirm(tx: Tx, user: User, now: int) -> None:
    if not user.confirmed:
        await store.confirm(tx, user.id, now)
        await audit.record(tx, "user.confirmed", now, user_id=user.id, account_id=user.account_id)
