"""Which applications a person lets in, and how one is shut out again."""

from cognigy_ai.audit import actions as audit
from cognigy_ai.tokens import rules
from cognigy_ai.tokens.rules import Application
from cognigy_ai.tokens.store import applications as store
from cognigy_ai.users.rules import User
from kernel.db import Tx


async def list_of_user(db: Tx, user_id: str, now: int) -> list[Application]:
    """Every client with a consent or a living grant, the one used last first."""
    return rules.applications_of(await store.list_held(db, user_id, now))


async def disconnect(tx: Tx, user: User, client_id: str, now: int) -> bool:
    """Take back all that the client holds of the person; False if it held nothing."""
    known = client_id.isprintable()  # PostgreSQL refuses a NUL
    gone = await store.forget(tx, user.id, client_id, now) if known else 0
    if gone:
        await audit.record(
            tx,
            "application.disconnected",
            now,
            user_id=user.id,
            organisation_id=user.organisation_id,
            client_id=client_id,
        )
    return bool(gone)
