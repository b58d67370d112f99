"""The page of audit events that both applications have: filtered, paged, exported.

Each application says whose trail is read and puts `audit_events.html` into its own frame.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kernel.audit import rules
from kernel.audit.actor import USER
from kernel.audit.rules import Event, EventFilter
from kernel.audit.trail import Facts, Trail
from kernel.audit.words import GONE, AuditWords, detail_lines
from kernel.db import Database
from kernel.languages import Say, n_
from kernel.problems import ProblemCatalogue, ProblemError
from kernel.web.guards import with_query
from kernel.web.site import say_of

MOST_EXPORTED = 100_000
PIECE = 200
ALL = n_("Everything")
ASKED = ("group", "person", "actor", "from", "to")
MEDIA_TYPES = {
    "jsonl": "application/jsonl; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
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


@dataclass(frozen=True, slots=True)
class Shelf:
    """One owner's events as somebody reads them at `address`."""

    trail: Trail
    words: AuditWords
    database: Database
    owner: str | int
    address: str


async def audit_values(request: Request, shelf: Shelf) -> dict[str, Any]:
    """What `audit_events.html` shows: the newest first, 50 a page."""
    asked, say, address = _asked(request), say_of(request), shelf.address
    page = await shelf.trail.list_events(
        shelf.database,
        shelf.owner,
        _filter_of(asked),
        older_than=rules.parse_cursor(request.query_params.get("older", "")),
        newer_than=rules.parse_cursor(request.query_params.get("newer", "")),
    )
    groups = shelf.words.groups.items()
    return {
        "audit_address": address,
        "events": [_view(event, shelf.words, say) for event in page.events],
        "groups": [("", say(ALL)), *((code, say(text)) for code, text in groups)],
        "asked": {name: asked.get(name, "") for name in ASKED},
        "people": _people(page.events, asked, shelf.words, say),
        "without": {name: _href(address, asked, leave_out=name) for name in ("person", "actor")},
        "kept": {name: asked[name] for name in ("person", "actor") if name in asked},
        "newer": _href(address, asked, newer=str(page.newer)) if page.newer else "",
        "older": _href(address, asked, older=str(page.older)) if page.older else "",
        "exports": [
            (name, with_query(f"{address}/export.{kind}", **asked), icon)
            for name, kind, icon in (("CSV", "csv", "inbox"), ("JSON lines", "jsonl", "terminal"))
        ],
        "most": MOST_EXPORTED,
    }


async def audit_export(request: Request, shelf: Shelf, now: int) -> Response:
    """What the filter finds as `{kind}` of the address, sent as it is read; that it was is told."""
    kind, export = request.path_params["kind"], shelf.trail.export
    lines = {"jsonl": (export.json_line, ""), "csv": (export.csv_row, export.header)}
    if kind not in lines:
        catalogue: type[ProblemCatalogue] = request.app.state.problems
        raise ProblemError(catalogue["PAGE_NOT_FOUND"])
    asked = _asked(request)
    # Only the names of the filters: nothing that whoever asks makes up.
    told = Facts(None, None, shelf.owner, {"format": kind, "filter": sorted(asked)})
    await shelf.trail.record(shelf.database, "audit.exported", now, told)
    wanted = _filter_of(asked)
    found = shelf.trail.walk(shelf.database, shelf.owner, wanted, MOST_EXPORTED)
    headers = {
        "content-disposition": f'attachment; filename="audit-events.{kind}"',
        "cache-control": "no-store",
    }
    return StreamingResponse(
        _pieces(found, *lines[kind]), media_type=MEDIA_TYPES[kind], headers=headers
    )


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


def _people(
    events: tuple[Event, ...], asked: dict[str, str], words: AuditWords, say: Say
) -> dict[str, str]:
    """Whom the filter asks for, by name where an event of the page knows it."""
    names = {"person": asked.get("person", ""), "actor": asked.get("actor", "")}
    for event in events[:1]:
        if names["person"]:
            names["person"] = event.user_name or names["person"]
        if names["actor"]:
            names["actor"] = _who(event, words, say)
    return names


def _href(address: str, asked: dict[str, str], *, leave_out: str = "", **more: str) -> str:
    kept = {name: value for name, value in asked.items() if name != leave_out}
    return with_query(address, **kept, **more)


def _view(event: Event, words: AuditWords, say: Say) -> EventView:
    return EventView(
        at=event.at,
        what=say(words.event_text(event.event)),
        who=_who(event, words, say),
        who_id=event.actor_id or "" if event.actor_kind == USER else "",
        whom=event.user_name or (say(GONE) if event.user_id else ""),
        whom_id=event.user_id or "",
        details=detail_lines(event),
    )


def _who(event: Event, words: AuditWords, say: Say) -> str:
    text, name = words.actor_text(event)
    return say(text).replace("{name}", name)
