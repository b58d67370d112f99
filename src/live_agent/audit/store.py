"""SQL for audit events of Live Agent.

Names stand with the people, not with the events; they are joined where somebody reads.
"""

from sqlalchemy import Integer, String, and_, bindparam, func, insert, select

from kernel.audit.trail import Trail
from live_agent.db.tables import audit_events, audit_seals, users

c = audit_events.c
_subject, _by = users.alias("subject"), users.alias("by_user")

# An event of a person belongs to the person's account, also where the caller knew only whom.
_OF_ACCOUNT = func.coalesce(
    bindparam("owner", type_=Integer),
    select(users.c.account_id)
    .where(users.c.id == bindparam("whose", type_=String))
    .scalar_subquery(),
)
_PLAIN = ("id", "at", "event", "reference", "user_id", "actor_kind", "actor_id", "details")
_ADD = insert(audit_events).values(
    **{name: bindparam(name) for name in _PLAIN}, account_id=_OF_ACCOUNT
)
_READ = (
    select(
        audit_events,
        _subject.c.name.label("user_name"),
        _subject.c.email.label("user_email"),
        _by.c.name.label("actor_name"),
        _by.c.email.label("actor_email"),
    )
    .select_from(audit_events)
    .outerjoin(_subject, and_(_subject.c.id == c.user_id, _subject.c.account_id == c.account_id))
    .outerjoin(_by, and_(_by.c.id == c.actor_id, _by.c.account_id == c.account_id))
)

TRAIL = Trail(audit_events, audit_seals, "account_id", add=_ADD, read=_READ)
