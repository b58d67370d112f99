"""/v2.0/auditevents: what happened in the caller's organisation."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryOf
from starlette.requests import Request

from cognigy_ai.api import schemas
from cognigy_ai.api.caller import Auditor
from cognigy_ai.api.views import event_of
from cognigy_ai.audit import actions as audit
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from kernel.audit.rules import EventFilter, parse_cursor
from kernel.problems import ProblemError

router = APIRouter(prefix="/v2.0/auditevents", tags=["Audit events"])


@router.get("", summary="List audit events")
async def list_audit_events(
    request: Request, caller: Auditor, query: Annotated[schemas.EventsQuery, QueryOf()]
) -> schemas.AuditEvents:
    """The newest first. An operator's key lists those of all organisations."""
    wanted = EventFilter(
        group=query.group,
        event=query.event,
        user_id=query.user,
        actor_id=query.actor,
        since=_seconds(query.since),
        until=_seconds(query.until),
    )
    cursor = None if query.next is None else parse_cursor(query.next)
    if query.next is not None and cursor is None:
        raise ProblemError(Problem.CURSOR_INVALID)
    page = await audit.TRAIL.list_events(
        state_of(request).database,
        caller.organisation_id,
        wanted,
        older_than=cursor,
        limit=query.limit,
    )
    return schemas.AuditEvents(
        items=[event_of(event) for event in page.events],
        next_cursor=str(page.older) if page.older else None,
    )


@router.get("/{eventId}", summary="Read an audit event")
async def read_audit_event(request: Request, caller: Auditor, eventId: str) -> schemas.AuditEvent:  # noqa: N803
    """One of another organisation is as absent as none."""
    database = state_of(request).database
    found = await audit.TRAIL.find_event(database, caller.organisation_id, eventId)
    if found is None:
        raise ProblemError(Problem.AUDIT_EVENT_UNKNOWN)
    return event_of(found)


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
