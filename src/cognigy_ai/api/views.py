"""What is stored, as the JSON API answers it."""

from datetime import UTC, datetime

from cognigy_ai.api import schemas
from cognigy_ai.organisations import rules
from cognigy_ai.users.queries import Person
from kernel.audit.rules import Event


def user_of(person: Person) -> schemas.User:
    return schemas.User(
        object_id=person.id,
        id=person.email,
        name=person.name,
        email=person.email,
        email_verified=person.email_verified,
        organisation=person.organisation_id,
        roles=list(person.roles),
        locale=person.locale,
        disabled=person.disabled,
        created_at=moment(person.created_at),
        last_changed=moment(person.changed_at or person.created_at),
        created_by=person.created_by,
        last_changed_by=person.changed_by if person.changed_at else person.created_by,
        last_active=moment(person.last_active_at) if person.last_active_at else None,
    )


def organisation_of(one: rules.Organisation) -> schemas.Organisation:
    return schemas.Organisation(
        object_id=one.id,
        name=one.name,
        suspended=one.suspended,
        created_at=moment(one.created_at),
        live_agent_account=one.live_agent_account,
    )


def event_of(event: Event) -> schemas.AuditEvent:
    return schemas.AuditEvent(
        object_id=event.id,
        created_at=moment(event.at),
        event=event.event,
        reference=event.reference,
        organisation=None if event.owner is None else str(event.owner),
        user=event.user_id,
        user_email=event.user_email,
        actor_kind=event.actor_kind,
        actor=event.actor_id,
        actor_email=event.actor_email,
        details=event.details,
    )


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
