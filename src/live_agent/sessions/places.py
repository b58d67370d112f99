"""Where people are signed in: seen by themselves and by administrators, and ended by both."""

from dataclasses import dataclass, field

from kernel.db import Database, Row, Tx
from kernel.keyring import KeyRing
from kernel.words import asked_words
from live_agent.audit import actions as audit
from live_agent.sessions.actions import LONGEST_SEALED, SEALED_FOR
from live_agent.sessions.rules import Place
from live_agent.sessions.store import places as store
from live_agent.sessions.store.places import Ending as Ending

AT_ONCE = 50
EVERYBODY = ""
BY_ADMINISTRATOR, BY_THEMSELVES = "ended_by_administrator", "ended_by_yourself"


@dataclass(frozen=True, slots=True)
class By:
    """Who ends it, from which session and with which reference."""

    user_id: str
    account_id: int
    fingerprint: str
    reference: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How many sessions ended, and what the platform knows their grants by."""

    number: int
    refresh_tokens: tuple[str, ...] = field(default=(), repr=False)


async def list_page(
    database: Database | Tx, account_id: int, now: int, *, user_id: str, search: str, page: int
) -> tuple[list[Place], int]:
    """One page of live sessions, and how many there are in all; `user_id` may be EVERYBODY."""
    words, skip = asked_words(search), (page - 1) * AT_ONCE
    asked = store.Asked(account_id, user_id, words, many=AT_ONCE, skip=skip)
    rows, number = await store.list_page(database, asked, now)
    return [Place(**dict(row)) for row in rows], number


async def end(tx: Tx, keyring: KeyRing, by: By, fingerprint: str, now: int, *, own: bool) -> Ended:
    """End one session of the account, or only one of one's `own`.

    The session that asks is not ended this way: that is a logout.
    """
    if fingerprint == by.fingerprint:
        return Ended(0)
    ending = Ending(BY_THEMSELVES if own else BY_ADMINISTRATOR, by.reference, now)
    of_user = by.user_id if own else EVERYBODY
    ended = await store.end(tx, by.account_id, of_user, fingerprint, ending)
    return await _ended(tx, keyring, by, ended, ending)


async def end_all_of(tx: Tx, keyring: KeyRing, by: By, user_id: str, now: int) -> Ended:
    """End every session of a person but the one that asks."""
    own = user_id == by.user_id
    ending = Ending(BY_THEMSELVES if own else BY_ADMINISTRATOR, by.reference, now)
    assert user_id != EVERYBODY
    ended = await store.end_all(tx, by.account_id, user_id, by.fingerprint, ending)
    return await _ended(tx, keyring, by, ended, ending)


async def _ended(tx: Tx, keyring: KeyRing, by: By, ended: list[Row], ending: Ending) -> Ended:
    for row in ended:
        await audit.record(
            tx,
            "session.ended",
            ending.now,
            reference=ending.reference,
            user_id=row["user_id"],
            account_id=by.account_id,
            because=ending.because,
            by=by.user_id,
        )
    tokens = [_grant(keyring, row["sealed_tokens"]) for row in ended]
    return Ended(len(ended), tuple(token for token in tokens if token))


def _grant(keyring: KeyRing, sealed: str | None) -> str | None:
    """What the platform knows the session by."""
    tokens = keyring.open_sealed(SEALED_FOR, sealed, LONGEST_SEALED) if sealed else None
    return tokens.get("refresh_token") if isinstance(tokens, dict) else None
