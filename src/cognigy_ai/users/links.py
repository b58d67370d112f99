"""Links that set a password once: mailed, or handed over by an operator."""

from cognigy_ai.audit import actions as audit
from cognigy_ai.users import actions as users
from cognigy_ai.users import rules
from cognigy_ai.users.rules import User
from cognigy_ai.users.store import links as store
from kernel.db import Tx
from kernel.opaque import fingerprint, new_secret


async def new(tx: Tx, user_id: str, now: int) -> str:
    """The secret of a link that sets the password once; earlier links are void."""
    user = await users.get(tx, user_id)
    secret = new_secret("pl_")
    await store.void_links(tx, user_id, now)
    expires_at = now + rules.LINK_LIFETIME_SECONDS
    await store.add_link(tx, fingerprint(secret), user_id, now, expires_at)
    await audit.record(
        tx,
        "user.password_link_made",
        now,
        user_id=user_id,
        organisation_id=user.organisation_id,
    )
    return secret


async def find_owner(db: Tx, link: str, now: int) -> User | None:
    """Whose link it is, if it can be used; nothing is spent. `link` is the fingerprint."""
    user_id = await store.peek_link(db, link, now)
    user = None if user_id is None else await users.find(db, user_id)
    return user if user is not None and user.may_log_in else None


async def claim(tx: Tx, link: str, now: int) -> User | None:
    """The same, and the link is spent: of two simultaneous claims exactly one succeeds."""
    user_id = await store.claim_link(tx, link, now)
    user = None if user_id is None else await users.find(tx, user_id)
    return user if user is not None and user.may_log_in else None


async def prune(db: Tx, now: int) -> int:
    """Remove links that are spent or too old; returns how many."""
    return await store.prune_links(db, now)
