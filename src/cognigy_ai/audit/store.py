"""SQL for audit events of the platform.

Names stand with the people, not with the events; they are joined where somebody reads.
"""

from sqlalchemy import String, and_, bindparam, func, insert, select

from cognigy_ai.db.tables import api_keys, audit_events, audit_seals, users
from kernel.audit.trail import Trail

c = audit_events.c
_subject, _by = users.alias("subject"), users.alias("by_user")

# An event of a person belongs to the person's organisation, also where the caller knew only whom.
_OF_ORGANISATION = func.coalesce(
    bindparam("owner", type_=String),
    select(users.c.organisation_id)
    .where(users.c.id == bindparam("whose", type_=String))
    .scalar_subquery(),
)
_PLAIN = ("id", "at", "event", "reference", "user_id", "actor_kind", "actor_id", "details")
_ADD = insert(audit_events).values(
    **{name: bindparam(name) for name in _PLAIN}, organisation_id=_OF_ORGANISATION
)
_READ = (
    select(
        audit_events,
        _subject.c.name.label("user_name"),
        _subject.c.email.label("user_email"),
        func.coalesce(_by.c.name, api_keys.c.name).label("actor_name"),
        _by.c.email.label("actor_email"),
    )
    .select_from(audit_events)
    .outerjoin(
        _subject,
        and_(_subject.c.id == c.user_id, _subject.c.organisation_id == c.organisation_id),
    )
    .outerjoin(_by, and_(_by.c.id == c.actor_id, _by.c.organisation_id == c.organisation_id))
    .outerjoin(api_keys, api_keys.c.id == c.actor_id)
)

TRAIL = Trail(audit_events, audit_seals, "organisation_id", add=_ADD, read=_READ)
