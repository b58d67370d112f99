"""Sessions of the platform: begun by a login, found by the cookie, ended by logout and more."""

from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.sessions import store
from cognigy_ai.sessions.login import LoginMeans, login
from cognigy_ai.sessions.passwords import change_password
from cognigy_ai.sessions.rules import LoggedIn, LoginAttempt, PastLogin, RefusedLogin, Session
from cognigy_ai.sessions.start import start
from cognigy_ai.users import actions as users
from cognigy_ai.users import activity
from cognigy_ai.users.rules import User
from kernel.db import Database, Tx
from kernel.opaque import fingerprint
from kernel.problems import ProblemError

__all__ = [
    "LoggedIn",
    "LoginAttempt",
    "LoginMeans",
    "PastLogin",
    "RefusedLogin",
    "Session",
    "change_password",
    "count_of_user",
    "end",
    "end_of_user",
    "end_others",
    "find",
    "find_by_id",
    "list_history",
    "list_of_user",
    "login",
    "note_seen",
    "prune",
    "start",
]

LOGOUT = "logout"
REVOKED = "revoked"
SIGNED_OUT = (LOGOUT, REVOKED)
MOST_LISTED = 100
SEEN_EVERY_SECONDS = 300

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


async def end(tx: Tx, session_id: str, now: int, because: str, whose: User | None = None) -> None:
    """End a session; `because` is `logout`, `revoked` or another word for the audit trail.

    Whoever logs out or revokes takes back what applications were given in the session; a grant
    outlives a session that ends for another reason (DESIGN section 6).
    """
    await store.end_session(tx, session_id, now)
    if because in SIGNED_OUT:
        await store.revoke_grants_of_session(tx, session_id, now, because)
    details = {"session_id": session_id, "because": because}
    await audit.record(tx, "session.ended", now, **_owner(whose), **details)


async def end_others(tx: Tx, user_id: str, keep: str, now: int, because: str = REVOKED) -> None:
    """End all sessions of a person but one, with what was granted in them."""
    await store.end_access_of_user(tx, user_id, now, because, keep)
    owner = _owner(await users.get(tx, user_id))
    await audit.record(tx, "session.others_ended", now, **owner, because=because)


async def end_of_user(tx: Tx, user: User, session_id: str, now: int) -> bool:
    """End one session of this person; False if it was over. Raises SESSION_UNKNOWN."""
    known = session_id.isprintable()  # PostgreSQL refuses a NUL
    found = await store.find_of_user(tx, user.id, session_id) if known else None
    if found is None:
        raise ProblemError(Problem.SESSION_UNKNOWN, session_id=session_id)
    if not found.goes_on(now):
        return False
    await end(tx, session_id, now, REVOKED, user)
    return True


async def list_of_user(db: Tx, user_id: str, now: int) -> list[PastLogin]:
    """The browsers in which a person is signed in, the one seen last first."""
    return await store.list_of_user(db, user_id, MOST_LISTED, now)


async def list_history(
    db: Tx, user_id: str, most: int
) -> tuple[list[PastLogin], list[RefusedLogin]]:
    """The person's last logins and refusals, newest first: what is kept of the last month."""
    past = await store.list_history(db, user_id, most)
    return past, await store.list_refused(db, user_id, most)


async def note_seen(database: Database, session: Session, now: int) -> None:
    """The browser asked for a page; written at most every five minutes.

    Each statement is a transaction of its own: whoever disables a person locks the same two rows
    the other way round.
    """
    before = now - SEEN_EVERY_SECONDS
    if session.seen_at <= before and await store.note_seen(database, session.id, before, now):
        await activity.note(database, session.user.id, now)


async def count_of_user(db: Tx, user_id: str, now: int) -> int:
    """In how many browsers a person is signed in."""
    return await store.count_of_user(db, user_id, now)


async def prune(db: Tx, now: int) -> int:
    """Remove sessions that ended a month ago; returns how many."""
    return await store.prune(db, now)


def _owner(user: User | None) -> dict[str, str]:
    """Whom an event is about, and where it is read."""
    return {} if user is None else {"user_id": user.id, "organisation_id": user.organisation_id}
