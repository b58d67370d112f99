"""Asking the platform whether a session may go on: what the database knows of it."""

from dataclasses import dataclass, field, replace

from kernel.db import Database, Tx
from kernel.keyring import KeyRing
from kernel.opaque import fingerprint as fingerprint_of
from live_agent.sessions.actions import LONGEST_SEALED, SEALED_FOR
from live_agent.sessions.store import checks as store

TOLD_SECONDS = 7 * 24 * 3600
LEASE_SECONDS = 20  # less than the platform repeats a lost answer to a refresh token


@dataclass(frozen=True, slots=True)
class Claimed:
    """A session that this process asks about; nobody else does meanwhile."""

    fingerprint: str
    user_id: str
    account_id: int
    issuer: str
    subject: str
    sid: str | None
    id_token: str | None = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the questions about a live session have come to, whoever asked."""

    checked_at: int
    asked_at: int  # the last one, answered or not; 0 after an answer
    unreachable_since: int | None

    def is_being_asked(self, now: int) -> bool:
        """Or was, a moment ago; nobody else asks so long."""
        return now < self.asked_at + LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class EndedFor:
    """Why a session ended, as its browser is told."""

    because: str
    reference: str | None


async def find_ended(database: Tx | Database, secret: str | None, now: int) -> EndedFor | None:
    """Whether the session of a browser ended in the last week, and why."""
    if not secret:
        return None
    row = await store.find_ended(database, fingerprint_of(secret), now - TOLD_SECONDS)
    return None if row is None else EndedFor(row["ended_because"], row["ended_reference"])


async def claim(
    database: Tx | Database, keyring: KeyRing, fingerprint: str, older_than: int, now: int
) -> Claimed | None:
    """None if somebody asks already, has asked since, or there is nothing to ask with."""
    row = await store.claim(database, fingerprint, older_than, now + LEASE_SECONDS, now)
    if row is None:
        return None
    tokens = keyring.open_sealed(SEALED_FOR, row["sealed_tokens"], LONGEST_SEALED)
    refresh_token = tokens.get("refresh_token") if isinstance(tokens, dict) else None
    if not isinstance(tokens, dict) or not refresh_token:  # a provider that gives none
        await store.confirm(database, fingerprint, row["sealed_tokens"], None, now)
        return None
    return Claimed(
        fingerprint,
        row["user_id"],
        row["account_id"],
        row["issuer"],
        row["subject"],
        row["sid"],
        tokens.get("id_token"),
        refresh_token,
    )


async def keep(
    database: Tx | Database, keyring: KeyRing, claimed: Claimed, refresh_token: str
) -> Claimed:
    """A rotated refresh token replaces the one that was spent; the answer is not judged yet."""
    kept = replace(claimed, refresh_token=refresh_token)
    await store.keep(database, kept.fingerprint, _sealed(keyring, kept))
    return kept


async def find_standing(database: Tx | Database, fingerprint: str) -> Standing | None:
    """None if the session has ended."""
    row = await store.find_standing(database, fingerprint)
    if row is None:
        return None
    asked_at = max(row["checking_until"] - LEASE_SECONDS, 0)
    return Standing(row["checked_at"], asked_at, row["unreachable_since"])


async def confirm(
    tx: Tx, keyring: KeyRing, claimed: Claimed, access_revision: int | None, now: int
) -> None:
    """The grant lives."""
    sealed = _sealed(keyring, claimed)
    await store.confirm(tx, claimed.fingerprint, sealed, access_revision, now)


async def note_unreachable(database: Tx | Database, claimed: Claimed, now: int) -> None:
    """The platform did not answer; the session goes on, and it is asked again soon."""
    await store.note_unreachable(database, claimed.fingerprint, now)


async def end(tx: Tx, fingerprint: str, because: str, reference: str, now: int) -> bool:
    """False if it had ended already."""
    return await store.end(tx, fingerprint, because, reference, now)


def _sealed(keyring: KeyRing, claimed: Claimed) -> str:
    tokens = {"id_token": claimed.id_token, "refresh_token": claimed.refresh_token}
    return keyring.seal(SEALED_FOR, tokens)
