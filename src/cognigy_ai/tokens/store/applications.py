"""What applications hold of one person: consents, grants that live, codes under way."""

from sqlalchemy import delete, func, select, update

from cognigy_ai.db.signals import note_sessions, noting
from cognigy_ai.db.tables import codes, consents, grants
from cognigy_ai.tokens.rules import Held
from cognigy_ai.tokens.store.columns import NOW, text
from kernel.db import Tx

_g, _c = grants.c, consents.c
_of_user = _g.user_id == text("user_id")

LIST_GRANTED = (
    select(
        _g.client_id,
        _g.scope,
        func.min(_g.created_at).label("since"),
        func.max(_g.access_issued_at).label("last_used_at"),
    )
    .where(_of_user, _g.revoked_at.is_(None), _g.expires_at > NOW)
    .group_by(_g.client_id, _g.scope)
)
LIST_CONSENTS = select(_c.client_id, _c.scope, _c.given_at.label("since")).where(
    _c.user_id == text("user_id")
)
FORGET_CONSENT = (
    delete(consents)
    .where(_c.user_id == text("user_id"), _c.client_id == text("client_id"))
    .returning(_c.client_id)
)
_of_client = _g.client_id == text("client_id")
NOTE = noting(_of_user, _of_client)
REVOKE = (
    update(grants)
    .where(_of_user, _of_client, _g.revoked_at.is_(None))
    .values(revoked_at=NOW, revoked_because=text("because"))
    .returning(_g.id)
)
FORGET_CODES = (
    delete(codes)
    .where(
        codes.c.user_id == text("user_id"),
        codes.c.client_id == text("client_id"),
        codes.c.redeemed_at.is_(None),
        codes.c.expires_at > NOW,
    )
    .returning(codes.c.fingerprint)
)


async def list_held(db: Tx, user_id: str, now: int) -> list[Held]:
    """One for each consent and for each client and scope of living grants."""
    granted = await db.all(LIST_GRANTED, user_id=user_id, now=now)
    agreed = await db.all(LIST_CONSENTS, user_id=user_id)
    return [
        Held(row["client_id"], row["scope"], row["since"], row["last_used_at"]) for row in granted
    ] + [Held(row["client_id"], row["scope"], row["since"], None) for row in agreed]


async def forget(tx: Tx, user_id: str, client_id: str, now: int) -> int:
    """The codes under way, the grants and the consent; returns how many rows.

    The codes first: one that is being redeemed is waited for, and its grant is then seen.
    """
    whose = {"user_id": user_id, "client_id": client_id}
    gone = len(await tx.all(FORGET_CODES, **whose, now=now))
    await note_sessions(tx, NOTE, now, **whose)
    gone += len(await tx.all(REVOKE, **whose, because="disconnected", now=now))
    return gone + len(await tx.all(FORGET_CONSENT, **whose))
