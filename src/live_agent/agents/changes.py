"""What of a person changed, for the audit trail: roles with before and after, and never a name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kernel.db import Tx
from live_agent.agents.rules import User, joined
from live_agent.audit import actions as audit


@dataclass(frozen=True, slots=True)
class Changes:
    """What the platform says of a person now."""

    email: str
    name: str
    roles: Iterable[str]


async def record_changes(
    tx: Tx, user: User, new: Changes, now: int, reference: str | None = None
) -> None:
    """Roles with before and after; of name and address only that they changed."""
    of_user: dict[str, Any] = {
        "user_id": user.id,
        "account_id": user.account_id,
        "reference": reference,
    }
    before, after = joined(user.roles).split(), joined(new.roles).split()
    if before != after:
        await audit.record(tx, "user.roles_changed", now, **of_user, before=before, after=after)
    held = {"name": user.name, "email": user.email}
    given = {"name": new.name, "email": new.email}
    changed = [name for name, value in given.items() if value != held[name]]
    if changed:
        await audit.record(tx, "user.changed", now, **of_user, changed=changed)
