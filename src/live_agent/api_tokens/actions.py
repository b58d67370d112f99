"""API tokens: made and ended by their owner, ended with their owner's access."""

from kernel.db import Database, Tx
from kernel.opaque import fingerprint as fingerprint_of
from kernel.opaque import new_secret
from kernel.problems import ProblemError
from live_agent.api_tokens import store
from live_agent.api_tokens.rules import MOST, USE_NOTED_EVERY_SECONDS, ApiToken, Holder
from live_agent.audit import actions as audit
from live_agent.problems import Problem
from live_agent.sessions.rules import Session

PREFIX = "la_"


async def list_of(db: Tx | Database, user_id: str) -> list[ApiToken]:
    """Those that work, the oldest first."""
    return [ApiToken(**dict(row)) for row in await store.list_of(db, user_id)]


async def make(tx: Tx, owner: Session, name: str, now: int) -> str:
    """The secret, which is shown once. Raises API_TOKENS_TOO_MANY, or ACCESS_ENDED."""
    user_id, account_id = owner.user_id, owner.account_id
    number = await store.hold_and_count(tx, user_id, owner.fingerprint)
    if number is None:
        raise ProblemError(Problem.ACCESS_ENDED, user_id=user_id)
    if number >= MOST:
        raise ProblemError(Problem.API_TOKENS_TOO_MANY, user_id=user_id)
    secret = new_secret(PREFIX)
    await store.add(
        tx,
        {
            "fingerprint": fingerprint_of(secret),
            "user_id": user_id,
            "created_at": now,
            "ended_at": None,
            "name": name,
            "last_used_at": None,
            "checked_at": now,
            "checking_until": 0,
            "unreachable_since": None,
        },
    )
    await audit.record(tx, "api_token.made", now, user_id=user_id, account_id=account_id)
    return secret


async def end(tx: Tx, user_id: str, account_id: int, fingerprint: str, now: int) -> bool:
    """False if it is not the person's, or has ended already."""
    if await store.end(tx, user_id, fingerprint, now) is None:
        return False
    await audit.record(tx, "api_token.ended", now, user_id=user_id, account_id=account_id)
    return True


async def find_holder(db: Tx | Database, secret: str) -> Holder | None:
    """Whose token it is: not ended, the person and their account in order."""
    row = await store.find(db, fingerprint_of(secret))
    if row is None:
        return None
    return Holder(**{**dict(row), "roles": tuple(row["roles"].split())})


async def note_use(db: Tx | Database, holder: Holder, now: int) -> None:
    """Written at most once a minute."""
    older_than = now - USE_NOTED_EVERY_SECONDS
    if holder.last_used_at is None or holder.last_used_at <= older_than:
        await store.used(db, holder.fingerprint, older_than, now)
