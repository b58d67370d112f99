"""In which order rows are locked: the organisation, then its people, then what belongs to them.

Whoever changes roles or state of people, or reads a person's rights to decide, locks the
organisation first: such deeds come one after the other, so that what was read is still so when it
is written, and two deeds that lock several administrators never wait for each other. Of several
organisations, the one with the lowest id goes first.
"""

from sqlalchemy import String, bindparam, select

from cognigy_ai.db.tables import organisations, users
from kernel.db import Tx

_user = bindparam("user", type_=String)
_theirs = select(users.c.organisation_id).where(users.c.id == _user).scalar_subquery()
# Rows that refer to these can be added all the while. SQLite has one writer and no such clause.
LOCK_ORGANISATION = (
    select(organisations.c.id)
    .where(organisations.c.id == bindparam("organisation", type_=String))
    .with_for_update(key_share=True)
)
LOCK_ORGANISATION_OF = (
    select(organisations.c.id).where(organisations.c.id == _theirs).with_for_update(key_share=True)
)
LOCK_USER = select(users.c.id).where(users.c.id == _user).with_for_update(key_share=True)


async def lock_organisation(tx: Tx, organisation_id: str) -> None:
    """Its people's roles and state, and its policy, stay as they are until the commit."""
    await tx.one(LOCK_ORGANISATION, organisation=organisation_id)


async def lock_person(tx: Tx, user_id: str) -> None:
    """The same for the person's organisation, and then the person."""
    await tx.one(LOCK_ORGANISATION_OF, user=user_id)
    await lock_user(tx, user_id)


async def lock_user(tx: Tx, user_id: str) -> None:
    """The person alone; whoever does so locks no organisation afterwards."""
    await tx.one(LOCK_USER, user=user_id)
