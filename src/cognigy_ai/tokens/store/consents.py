"""Which scopes a person lets a client have."""

from sqlalchemy import select

from cognigy_ai.db.tables import consents
from cognigy_ai.tokens.store.columns import NOW, text
from kernel.db import Tx
from kernel.upsert import upsert

FIND_CONSENT = select(consents.c.scope).where(
    consents.c.user_id == text("user_id"), consents.c.client_id == text("client_id")
)
_new_consent = upsert(consents).values(
    user_id=text("user_id"), client_id=text("client_id"), scope=text("scope"), given_at=NOW
)
SAVE_CONSENT = _new_consent.on_conflict_do_update(
    index_elements=[consents.c.user_id, consents.c.client_id],
    set_={"scope": _new_consent.excluded.scope, "given_at": _new_consent.excluded.given_at},
)


async def find(db: Tx, user_id: str, client_id: str) -> frozenset[str]:
    """The scopes that the person consented to."""
    row = await db.one(FIND_CONSENT, user_id=user_id, client_id=client_id)
    return frozenset() if row is None else frozenset(str(row["scope"]).split())


async def save(tx: Tx, user_id: str, client_id: str, scope: str, now: int) -> None:
    """Keep the decision, in the place of an older one."""
    await tx.one(SAVE_CONSENT, user_id=user_id, client_id=client_id, scope=scope, now=now)
