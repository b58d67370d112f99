"""The ways in which grants end before their time.

An application that ends its own tokens knows; of what ends otherwise it is told.
"""

from typing import Any

from sqlalchemy import select, update

from cognigy_ai.db.signals import note_sessions, noting
from cognigy_ai.db.tables import grants
from cognigy_ai.tokens.store.columns import NOW, text
from kernel.db import Tx

_g = grants.c


def _revoke(*which: Any) -> Any:
    return (
        update(grants)
        .where(*which, _g.revoked_at.is_(None))
        .values(revoked_at=NOW, revoked_because=text("because"))
        .returning(_g.id)
    )


REVOKE_FAMILY = _revoke(_g.family_fingerprint == text("family"), _g.client_id == text("client_id"))
# In the statement itself: the token may have become the newest one's repetition meanwhile.
_reused = (_g.family_fingerprint == text("family"), _g.refresh_fingerprint != text("presented"))
REVOKE_REUSED = _revoke(*_reused)
NOTE_REUSED = noting(*_reused)
_of_code = _g.code_fingerprint == text("code")
REVOKE_OF_CODE = _revoke(_of_code)
NOTE_OF_CODE = noting(_of_code)
END_ACCESS_TOKEN = (
    update(grants)
    .where(_g.access_fingerprint == text("token"), _g.client_id == text("client_id"))
    .values(access_expires_at=0)
    .returning(_g.id)
)
OWNER_BY_ACCESS_TOKEN = select(_g.client_id).where(_g.access_fingerprint == text("token"))
OWNER_BY_FAMILY = select(_g.client_id).where(_g.family_fingerprint == text("family"))


async def revoke(db: Tx, which: Any, **values: object) -> int:
    """Run one of the statements above; returns how many grants ended."""
    return len(await db.all(which, **values))


async def revoke_reused(tx: Tx, family: str, presented: str, now: int) -> int:
    """A refresh token came back that is not the newest of its family."""
    which = {"family": family, "presented": presented}
    await note_sessions(tx, NOTE_REUSED, now, **which)
    return await revoke(tx, REVOKE_REUSED, **which, because="reuse", now=now)


async def revoke_of_code(tx: Tx, code: str, now: int) -> int:
    """A code came back that was redeemed before."""
    await note_sessions(tx, NOTE_OF_CODE, now, code=code)
    return await revoke(tx, REVOKE_OF_CODE, code=code, because="code_replayed", now=now)


async def find_owner(db: Tx, which: Any, **values: object) -> str | None:
    """The client that a token was issued to."""
    row = await db.one(which, **values)
    return None if row is None else str(row["client_id"])
