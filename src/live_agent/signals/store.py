"""SQL for tokens that were applied."""

from sqlalchemy import BigInteger, bindparam, delete

from kernel.db import Tx
from kernel.upsert import upsert
from live_agent.db.endings import (
    Ending,
    change,
    end_access_of_organisation,
    end_logins_of_organisation,
    end_sessions_of_identity,
    end_sessions_of_sid,
    end_tokens_of_identity,
    list_owned,
    note_revision,
    purge,
    take_roles,
)
from live_agent.db.erasing import erase_due
from live_agent.db.tables import spent_tokens

__all__ = [
    "Ending",
    "change",
    "end_access_of_organisation",
    "end_logins_of_organisation",
    "end_sessions_of_identity",
    "end_sessions_of_sid",
    "end_tokens_of_identity",
    "erase_due",
    "list_owned",
    "note_revision",
    "purge",
    "take_roles",
]

_c = spent_tokens.c
_SPEND = (
    upsert(spent_tokens)
    .values(issuer=bindparam("issuer"), jti=bindparam("jti"), expires_at=bindparam("expires_at"))
    .on_conflict_do_nothing(index_elements=[_c.issuer, _c.jti])
    .returning(_c.jti)
)
_PRUNE = (
    delete(spent_tokens)
    .where(_c.expires_at <= bindparam("now", type_=BigInteger))
    .returning(_c.jti)
)


async def spend(tx: Tx, issuer: str, jti: str, expires_at: int) -> bool:
    """False if it was applied before: of two that come together exactly one is applied."""
    return await tx.one(_SPEND, issuer=issuer, jti=jti, expires_at=expires_at) is not None


async def prune(tx: Tx, now: int) -> int:
    return len(await tx.all(_PRUNE, now=now))
