"""Erasing what is left of people who were deleted in Cognigy.AI, when its time has come."""

from sqlalchemy import BigInteger, and_, bindparam, exists, select, update

from kernel.db import Row, Tx
from kernel.words import keys_of
from live_agent.db.tables import api_tokens, conflicts, old_links, sessions, users

NEUTRAL_NAME = "Deleted user"

_now = bindparam("now", type_=BigInteger)
_due = and_(users.c.purged_at.is_not(None), users.c.erase_at <= _now)
# What stays is an id with a neutral name, for the history of conversations.
ERASE = (
    update(users)
    .where(_due)
    .values(
        name=NEUTRAL_NAME,
        email="",
        email_key="erased:" + users.c.id,
        locale="",
        erase_at=None,
        moved_email=None,
        **keys_of(NEUTRAL_NAME, ""),
    )
    .returning(users.c.id, users.c.account_id)
)
FORGET_DEVICES = (
    update(sessions)
    .where(sessions.c.user_id.in_(select(users.c.id).where(_due)))
    .values(user_agent="", sealed_tokens=None)
)
_of_due = select(users.c.id).where(_due)
FORGET_TOKEN_NAMES = update(api_tokens).where(api_tokens.c.user_id.in_(_of_due)).values(name="")
FORGET_LINKS = update(old_links).where(old_links.c.user_id.in_(_of_due)).values(email_key=None)
# What was asked about them stays answered, without the address.
FORGET_CONFLICTS = (
    update(conflicts)
    .where(
        exists().where(
            _due, users.c.issuer == conflicts.c.issuer, users.c.subject == conflicts.c.subject
        )
    )
    .values(email_key="erased:" + conflicts.c.id)
)
FORGETTING = (FORGET_DEVICES, FORGET_TOKEN_NAMES, FORGET_LINKS, FORGET_CONFLICTS)


async def erase_due(tx: Tx, now: int) -> list[Row]:
    """Erase name, address and devices of whom the retention time has passed."""
    for statement in FORGETTING:
        await tx.one(statement, now=now)
    return await tx.all(ERASE, now=now)
