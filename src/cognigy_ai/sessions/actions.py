"""Sessions of the platform: begun by a login, found by the cookie, ended by logout and more."""

from cognigy_ai.audit import actions as audit
from cognigy_ai.sessions import store
from cognigy_ai.sessions.login import LoginMeans, change_password, login
from cognigy_ai.sessions.rules import LoggedIn, LoginAttempt, Session
from cognigy_ai.sessions.start import start
from kernel.db import Tx
from kernel.opaque import fingerprint

__all__ = [
    "LoggedIn",
    "LoginAttempt",
    "LoginMeans",
    "Session",
    "change_password",
    "count_of_user",
    "end",
    "end_others",
    "find",
    "find_by_id",
    "login",
    "prune",
    "start",
]

LOGOUT = "logout"
REVOKED = "revoked"
SIGNED_OUT = (LOGOUT, REVOKED)

LONGEST_SECRET = 200


async def find(db: Tx, secret: str | None, now: int) -> Session | None:
    """The session of a cookie: not ended, not expired, the person may still log in. One statement.

    Nothing is asked of the database without a cookie.
    """
    if not secret or len(secret) > LONGEST_SECRET:
        return None
    return await store.find(db, fingerprint(secret), now)


async def find_by_id(db: Tx, session_id: str, now: int) -> Session | None:
    """The same by the `sid` of an ID token."""
    return await store.find_by_id(db, session_id, now)


async def end(tx: Tx, session_id: str, now: int, because: str) -> None:
    """End a session; `because` is `logout`, `revoked` or another word for the audit trail.

    Whoever logs out or revokes takes back what applications were given in the session; a grant
    outlives a session that ends for another reason (DESIGN section 6).
    """
    await store.end_session(tx, session_id, now)
    if because in SIGNED_OUT:
        await store.revoke_grants_of_session(tx, session_id, now, because)
    await audit.record(tx, "session.ended", now, session_id=session_id, because=because)


async def end_others(tx: Tx, user_id: str, keep: str, now: int, because: str = REVOKED) -> None:
    """End all sessions of a person but one, with what was granted in them."""
    await store.end_access_of_user(tx, user_id, now, because, keep)
    await audit.record(tx, "session.others_ended", now, user_id=user_id, because=because)


async def count_of_user(db: Tx, user_id: str, now: int) -> int:
    """In how many browsers a person is signed in."""
    return await store.count_of_user(db, user_id, now)


async def prune(db: Tx, now: int) -> int:
    """Remove sessions that ended a month ago; returns how many."""
    return await store.prune(db, now)
