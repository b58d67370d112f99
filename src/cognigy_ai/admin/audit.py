"""/admin/audit: who did what to whom, and when; filtered, paged, exported."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cognigy_ai.admin import audit_words as words
from cognigy_ai.audit import actions as audit
from cognigy_ai.audit import export, rules
from cognigy_ai.audit.actions import Event, EventFilter
from cognigy_ai.audit.actor import USER
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from kernel.languages import Say, n_
from kernel.problems import ProblemError
from kernel.web.guards import with_query
from kernel.web.site import say_of

AUDIT = "/admin/audit"
MOST_EXPORTED = 100_000
PIECE = 200
ALL = n_("Everything")
ASKED = ("group", "person", "actor", "from", "to")
KINDS = {
    "jsonl": (export.json_line, "", "application/jsonl; charset=utf-8"),
    "csv": (export.csv_row, export.HEADER, "text/csv; charset=utf-8"),
}


@dataclass(frozen=True, slots=True)
class EventView:
    """A line of the page, in the reader's language; ids are empty where nobody stands behind."""

    at: int
    what: str
    who: str
    who_id: str
    whom: str
    whom_id: str
    details: list[tuple[str, str]]


async def show_audit(request: Request) -> Response:
    """GET /admin/audit: the newest first, 50 a page."""
    state, session = state_of(request), session_of(request)
    asked, say = _asked(request), say_of(request)
    page = await audit.list_events(
        state.database,
        session.user.organisation_id,
        _filter_of(asked),
        older_than=rules.parse_cursor(request.query_params.get("older", "")),
        newer_than=rules.parse_cursor(request.query_params.get("newer", "")),
    )
    events = page.events
    return desk_page(
        request,
        "admin/audit.html",
        session,
        events=[_view(event, say) for event in events],
        groups=[("", say(ALL)), *((code, say(text)) for code, text in words.GROUPS.items())],
        asked={name: asked.get(name, "") for name in ASKED},
        people=_people(events, asked, say),
        without={name: _address(asked, leave_out=name) for name in ("person", "actor")},
        kept=_kept(asked),
        newer=_address(asked, newer=str(page.newer)) if page.newer else "",
        older=_address(asked, older=str(page.older)) if page.older else "",
        json_href=with_query(f"{AUDIT}/export.jsonl", **asked),
        csv_href=with_query(f"{AUDIT}/export.csv", **asked),
        most=MOST_EXPORTED,
        days=state.settings.audit_event_ttl_in_minutes // (24 * 60),
    )


async def show_export(request: Request) -> Response:
    """GET /admin/audit/export.jsonl, .csv: what the filter finds, sent as it is read."""
    kind = request.path_params["kind"]
    if kind not in KINDS:
        raise ProblemError(Problem.PAGE_NOT_FOUND)
    line, head, media_type = KINDS[kind]
    organisation = session_of(request).user.organisation_id
    found = audit.walk(
        state_of(request).database, organisation, _filter_of(_asked(request)), MOST_EXPORTED
    )
    headers = {
        "content-disposition": f'attachment; filename="audit-events.{kind}"',
        "cache-control": "no-store",
    }
    return StreamingResponse(_pieces(found, line, head), media_type=media_type, headers=headers)


async def _pieces(
    events: AsyncIterator[Event], line: Callable[[Event], str], head: str
) -> AsyncIterator[str]:
    lines = [head]
    async for event in events:
        lines.append(line(event))
        if len(lines) == PIECE:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def _asked(request: Request) -> dict[str, str]:
    """What the address asks for; what cannot be is left out."""
    given = {name: request.query_params.get(name, "").strip() for name in ASKED}
    fits: dict[str, Callable[[str], object]] = {
        "group": rules.is_group,
        "person": rules.is_identifier,
        "actor": rules.is_identifier,
        "from": rules.start_of_day,
        "to": rules.end_of_day,
    }
    return {name: value for name, value in given.items() if fits[name](value) not in (None, False)}


def _filter_of(asked: dict[str, str]) -> EventFilter:
    return EventFilter(
        group=asked.get("group"),
        user_id=asked.get("person"),
        actor_id=asked.get("actor"),
        since=rules.start_of_day(asked.get("from", "")),
        until=rules.end_of_day(asked.get("to", "")),
    )


def _kept(asked: dict[str, str]) -> dict[str, str]:
    """What the form of the filter carries on: the people are chosen in the table."""
    return {name: asked[name] for name in ("person", "actor") if name in asked}


def _people(events: tuple[Event, ...], asked: dict[str, str], say: Say) -> dict[str, str]:
    """Whom the filter asks for, by name where an event of the page knows it."""
    names = {"person": asked.get("person", ""), "actor": asked.get("actor", "")}
    for event in events[:1]:
        if names["person"]:
            names["person"] = event.user_name or names["person"]
        if names["actor"]:
            names["actor"] = _who(event, say)
    return names


def _address(asked: dict[str, str], *, leave_out: str = "", **more: str) -> str:
    kept = {name: value for name, value in asked.items() if name != leave_out}
    return with_query(AUDIT, **kept, **more)


def _view(event: Event, say: Say) -> EventView:
    return EventView(
        at=event.at,
        what=say(words.event_text(event.event)),
        who=_who(event, say),
        who_id=event.actor_id or "" if event.actor_kind == USER else "",
        whom=event.user_name or (say(words.GONE) if event.user_id else ""),
        whom_id=event.user_id or "",
        details=words.detail_lines(event),
    )


def _who(event: Event, say: Say) -> str:
    text, name = words.actor_text(event)
    return say(text).replace("{name}", name)
