"""Sessions: begun at a login, found at each request, ended for a reason."""

from collections.abc import Iterable
from dataclasses import dataclass

from kernel.db import Database, Tx
from kernel.keyring import KeyRing
from kernel.opaque import fingerprint, new_secret
from live_agent.audit import actions as audit
from live_agent.sessions.rules import (
    SEEN_EVERY_SECONDS,
    Colleague,
    Session,
    SignedIn,
    presence_shown,
)
from live_agent.sessions.store import sessions as store

SEALED_FOR = "session-tokens"
LONGEST_SEALED = 65_536
LONGEST_USER_AGENT = 300
COLLEAGUES_AT_ONCE = 50
KEPT_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Start:
    """What a new session is made of; the last six are of a platform login."""

    user_id: str
    account_id: int
    method: str  # cognigy | old
    lifetime: int
    user_agent: str
    issuer: str | None = None
    subject: str | None = None
    sid: str | None = None
    id_token: str | None = None
    refresh_token: str | None = None
    access_revision: int | None = None


@dataclass(frozen=True, slots=True)
class EndedSession:
    """What a logout needs of the session that it ended."""

    user_id: str
    account_id: int
    method: str
    id_token: str | None


async def start(tx: Tx, keyring: KeyRing, begun: Start, old_secret: str | None, now: int) -> str:
    """Begin a session with a new secret, which the cookie holds (lesson 39).

    The session that this browser had ends, and so do those of the same platform identity in other
    accounts: no session spans two (DESIGN section 3 rule 1).
    """
    await _end_replaced(tx, begun, old_secret, now)
    secret = new_secret("ls_")
    tokens = {"id_token": begun.id_token, "refresh_token": begun.refresh_token}
    await store.add(
        tx,
        {
            "fingerprint": fingerprint(secret),
            "user_id": begun.user_id,
            "account_id": begun.account_id,
            "method": begun.method,
            "issuer": begun.issuer,
            "subject": begun.subject,
            "sid": begun.sid,
            "sealed_tokens": keyring.seal(SEALED_FOR, tokens) if any(tokens.values()) else None,
            "created_at": now,
            "expires_at": now + begun.lifetime,
            "seen_at": now,
            "ended_at": None,
            "ended_because": None,
            "user_agent": begun.user_agent[:LONGEST_USER_AGENT],
            "access_revision": begun.access_revision,
            "ended_reference": None,
            "checked_at": now,
            "checking_until": 0,
            "unreachable_since": None,
            "changed_ms": None,
            "out_ms": None,
        },
    )
    return secret


async def find(database: Tx | Database, secret: str | None, now: int) -> Session | None:
    """The live session with that secret: not ended, not expired, user and account in order."""
    return await store.find(database, fingerprint(secret), now) if secret else None


async def note_seen(database: Tx | Database, session: Session, now: int) -> None:
    """The person is there; written at most once a minute."""
    older_than = now - SEEN_EVERY_SECONDS
    if session.seen_at <= older_than:
        await store.seen(database, session.fingerprint, older_than, now)


async def end(tx: Tx, keyring: KeyRing, secret: str, because: str, now: int) -> EndedSession | None:
    """End one session; None if it had ended already."""
    row = await store.end(tx, fingerprint(secret), because, now)
    if row is None:
        return None
    await audit.record(
        tx,
        "session.ended",
        now,
        user_id=row["user_id"],
        account_id=row["account_id"],
        because=because,
    )
    tokens = _opened(keyring, row["sealed_tokens"])
    return EndedSession(row["user_id"], row["account_id"], row["method"], tokens.get("id_token"))


async def end_quietly(tx: Tx, secret: str | None, because: str, now: int) -> None:
    """End the session that a browser had before somebody else began to log in there."""
    if secret:
        await store.end(tx, fingerprint(secret), because, now)


async def end_of_user(tx: Tx, user_id: str, because: str, now: int) -> int:
    """End all sessions of a user; returns how many there were."""
    return await store.end_of_user(tx, user_id, because, now)


async def end_of_account(tx: Tx, account_id: int, because: str, now: int) -> int:
    """End all sessions of an account; returns how many there were."""
    return await store.end_of_account(tx, account_id, because, now)


async def list_colleagues(
    database: Tx | Database, session: Session, now: int, page: int = 1
) -> tuple[list[Colleague], int]:
    """One page of the other people of the account, and how many there are in all."""
    number = await store.count_colleagues(database, session.account_id, session.user_id)
    rows = await store.list_colleagues(
        database,
        account_id=session.account_id,
        user_id=session.user_id,
        now=now,
        most=COLLEAGUES_AT_ONCE,
        skip=(page - 1) * COLLEAGUES_AT_ONCE,
    )
    found = [
        Colleague(
            row["name"],
            row["email"],
            tuple(row["roles"].split()),
            presence_shown(row["presence"], row["seen_at"], now),
        )
        for row in rows
    ]
    return found, number


async def list_signed_in(
    database: Tx | Database, user_ids: Iterable[str], now: int
) -> dict[str, SignedIn]:
    """Those of them who have a live session."""
    rows = await store.list_seen(database, user_ids, now)
    return {row["user_id"]: SignedIn(row["seen_at"], row["number"]) for row in rows}


async def prune(database: Tx | Database, now: int) -> int:
    """Remove sessions that ran out or ended a month ago; the audit trail keeps their story."""
    return await store.prune(database, now - KEPT_SECONDS)


async def _end_replaced(tx: Tx, begun: Start, old_secret: str | None, now: int) -> None:
    old = fingerprint(old_secret) if old_secret else ""
    if begun.issuer is not None and begun.subject is not None:
        identity = (begun.issuer, begun.subject)
        await store.end_replaced(tx, old, identity, begun.account_id, now)
    elif old:
        await store.end(tx, old, "replaced", now)


def _opened(keyring: KeyRing, sealed: str | None) -> dict[str, str]:
    tokens = keyring.open_sealed(SEALED_FOR, sealed, LONGEST_SEALED) if sealed else None
    return tokens if isinstance(tokens, dict) else {}
