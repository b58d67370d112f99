"""What a login asks of a person and leaves with them; wrong passwords are counted here."""

from collections.abc import Iterable

from cognigy_ai.audit import actions as audit
from cognigy_ai.users import actions, locks, policy
from cognigy_ai.users.standing import Guessed, Standing
from cognigy_ai.users.store import links, people
from cognigy_ai.users.store import logins as store
from kernel.db import Tx
from kernel.emails import email_key

FAILED_LOGINS = "failed_logins"


async def find_standing(db: Tx, user_id: str) -> Standing | None:
    """None for somebody who may not log in."""
    return await store.find_standing(db, user_id)


async def list_standings(db: Tx, user_ids: Iterable[str]) -> dict[str, Standing]:
    """By id; without those who may not log in."""
    return await store.list_standings(db, user_ids)


async def note_password(tx: Tx, user_id: str, digest_read: str, digest: str) -> Standing | None:
    """The password was right: still the same digest, enabled, not suspended?

    Then wrong ones are forgotten, and what else is asked of the person comes with the same
    statement.
    """
    return await store.note_password(tx, user_id, digest_read, digest)


async def note_login(tx: Tx, user_id: str, now: int, *, with_second_factor: bool) -> bool:
    """The person is signed in: every step is done.

    False if the organisation has come to require a second factor since `note_password` looked.
    """
    return await store.note_login(tx, user_id, now, with_second_factor=with_second_factor)


async def count_failure(tx: Tx, email: str, organisation_id: str | None) -> list[Guessed]:
    """A wrong password, for everybody with the address there, in one statement."""
    return await store.count_failure(tx, email_key(email), organisation_id or "")


def is_to_be_disabled(who: Guessed) -> bool:
    """Does the policy of the organisation say that this was one failure too many?"""
    most = policy.parse(who.policy_json).min_amount_failed_attempts_auto_disable
    return 0 < most <= who.failures


async def disable_guessed(tx: Tx, who: Guessed, now: int) -> bool:
    """Too many wrong passwords. The last administrator stays: False, as for whoever is disabled.

    In a transaction of its own: it locks the organisation before any other row.
    """
    await locks.lock_person(tx, who.user_id)
    if not await people.disable(tx, who.user_id, now):
        return False
    await people.end_access_of_user(tx, who.user_id, now, FAILED_LOGINS)
    await links.void_everything(tx, who.user_id, now)
    await actions.revoke_keys(tx, who.user_id, who.organisation_id, now, FAILED_LOGINS)
    await audit.record(
        tx,
        "user.disabled",
        now,
        user_id=who.user_id,
        organisation_id=who.organisation_id,
        because=FAILED_LOGINS,
        failures=who.failures,
    )
    return True
