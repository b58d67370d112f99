"""/admin/imports: people and roles from a CSV file; first what would happen, then the import."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from cognigy_ai.admin import import_words as words
from cognigy_ai.admin.mail_state import mail_failing_since
from cognigy_ai.guards import session_of
from cognigy_ai.imports import actions as imports
from cognigy_ai.imports import proposals, rules
from cognigy_ai.imports.reading import MOST_ROWS, read_file
from cognigy_ai.imports.rules import Import, Row, RowPage, RowPlace
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.state import State, state_of
from kernel.languages import Say
from kernel.problems import ProblemError, filled
from kernel.spreadsheet import BYTE_ORDER_MARK, csv_line
from kernel.web.forms import upload_of
from kernel.web.guards import form_of, log_refusal, with_query
from kernel.web.site import say_of, see_other

IMPORTS = "/admin/imports"
REFRESH_SECONDS = 2
LONGEST_NUMBER = 7
CSV = "text/csv; charset=utf-8"
EXAMPLE = (
    ("email", "name", "roles", "locale"),
    ("ada@example.com", "Ada Lovelace", "liveAgentAgent", "en"),
    ("grace@example.com", "Grace Hopper", "liveAgentSupervisor;userManager", "de"),
)


async def show_imports(request: Request) -> Response:
    """GET /admin/imports: a form for a file, and the lists of the last month."""
    return await _imports(request)


async def post_import(request: Request) -> Response:
    """POST /admin/imports: read the file, tell what would happen; nobody is changed."""
    state, by = state_of(request), session_of(request).user
    upload = upload_of(request)
    try:
        if upload is None:
            raise ProblemError(Problem.IMPORT_FILE_MISSING)
        lines = await asyncio.to_thread(read_file, upload.content)
    except ProblemError as error:
        log_refusal(request, error)
        return await _imports(request, error)
    now = state.clock.now()
    made = await imports.check(state.database, state.keyring, by, upload.name, lines, now)
    return see_other(f"{IMPORTS}/{made}")


async def show_example(_request: Request) -> Response:
    """GET /admin/imports/example.csv."""
    text = BYTE_ORDER_MARK + "".join(csv_line(row) for row in EXAMPLE)
    return Response(text, media_type=CSV, headers=_download_headers("example.csv"))


async def show_import(request: Request) -> Response:
    """GET /admin/imports/{import_id}: the plan, then the progress, then what was done."""
    state, session, say = state_of(request), session_of(request), say_of(request)
    found = await _found(request)
    counts = await imports.count(state.database, found)
    fate = request.query_params.get("fate")
    fate = fate if fate in rules.FATES else None
    page = await imports.list_rows(
        state.database, state.keyring, found, fate, place=_place_of(request)
    )
    neighbours = _neighbours(found, page, fate)
    reasons = [(words.reason_text(code, say), number) for code, number in counts.reasons.items()]
    return desk_page(
        request,
        "admin/import.html",
        session,
        refresh=REFRESH_SECONDS if found.under_way else None,
        found=found,
        waits_until=await _mails_wait_until(state, found),
        state=say(words.STATES[found.state]),
        state_kind=words.STATE_KINDS[found.state],
        counts={name: counts.of(name) for name in rules.FATES},
        effective=counts.effective,
        reasons=reasons,
        mine=found.proposed or found.asked_by == session.user.id,
        tabs=_tabs(request, found, {name: counts.of(name) for name in rules.FATES}, fate),
        rows=[words.row_view(row, say) for row in page.rows],
        previous=neighbours["previous"],
        following=neighbours["following"],
    )


async def _mails_wait_until(state: State, found: Import) -> int | None:
    """When an import goes on that has mailed as many invitations as it may; None if it does not."""
    if not (found.under_way and found.invite):
        return None
    until = await state.mail_limits.find_pause(state.database, found.organisation_id)
    return until if until > state.clock.now() else None


async def post_start(request: Request) -> Response:
    """POST /admin/imports/{import_id}/start; one that runs already is shown."""
    state, by = state_of(request), session_of(request).user
    invite = form_of(request).get("invite") == "1"
    import_id = request.path_params["import_id"]
    try:
        async with state.database.transaction() as tx:
            await imports.start(tx, by, import_id, state.clock.now(), invite=invite)
    except ProblemError as error:
        if error.problem is not Problem.IMPORT_NOT_STARTED:
            raise
        log_refusal(request, error)
    state.importer.wake()
    return see_other(f"{IMPORTS}/{import_id}")


async def post_stop(request: Request) -> Response:
    """POST /admin/imports/{import_id}/stop: what is done stays done."""
    state, by = state_of(request), session_of(request).user
    import_id = request.path_params["import_id"]
    async with state.database.transaction() as tx:
        await imports.stop(tx, by, import_id, state.clock.now())
    return see_other(f"{IMPORTS}/{import_id}")


async def post_decline(request: Request) -> Response:
    """POST /admin/imports/{import_id}/decline: the selected people are not to be made."""
    state, by = state_of(request), session_of(request).user
    import_id = request.path_params["import_id"]
    numbers = [
        int(name.removeprefix("row."))
        for name in form_of(request)
        if name.startswith("row.") and _is_number(name.removeprefix("row."))
    ]
    async with state.database.transaction() as tx:
        await proposals.decline(tx, by, import_id, numbers, state.clock.now())
    return see_other(f"{IMPORTS}/{import_id}")


async def post_discard(request: Request) -> Response:
    """POST /admin/imports/{import_id}/discard."""
    state, by = state_of(request), session_of(request).user
    import_id = request.path_params["import_id"]
    async with state.database.transaction() as tx:
        discarded = await imports.discard(tx, by, import_id, state.clock.now())
    return see_other(f"{IMPORTS}?done=discarded" if discarded else f"{IMPORTS}/{import_id}")


async def show_results(request: Request) -> Response:
    """GET /admin/imports/{import_id}/results.csv: each row's fate, for a spreadsheet."""
    state, say = state_of(request), say_of(request)
    found = await _found(request)
    pieces = imports.walk(state.database, state.keyring, found)
    return StreamingResponse(
        _lines(pieces, say), media_type=CSV, headers=_download_headers("import-results.csv")
    )


async def _imports(request: Request, error: ProblemError | None = None) -> Response:
    state, session = state_of(request), session_of(request)
    found = await imports.list_imports(state.database, session.user.organisation_id)
    say, spec = say_of(request), error.problem.spec if error else None
    return desk_page(
        request,
        "admin/imports.html",
        session,
        spec.status if spec else 200,
        rows=[(one, say(words.STATES[one.state]), words.STATE_KINDS[one.state]) for one in found],
        proposed=[one for one in found if one.proposed],
        most=MOST_ROWS,
        fault=filled(say(spec.title), error.context) + "." if spec and error else "",
        remedy=say(spec.user_text) if spec else "",
        discarded=request.query_params.get("done") == "discarded",
        mail_failing_since=await mail_failing_since(request),
    )


async def _found(request: Request) -> Import:
    organisation = session_of(request).user.organisation_id
    return await imports.get(
        state_of(request).database, organisation, request.path_params["import_id"]
    )


def _tabs(
    request: Request, found: Import, counts: dict[str, int], chosen: str | None
) -> list[dict[str, object]]:
    """One for each fate that some row has, and one for all."""
    say = say_of(request)
    here = f"{IMPORTS}/{found.id}"
    everything: dict[str, object] = {
        "label": say(words.ALL), "href": here, "current": chosen is None, "count": found.total,
    }  # fmt: skip
    return [everything] + [
        {
            "label": say(words.FATES[fate]),
            "href": with_query(here, fate=fate),
            "current": fate == chosen,
            "count": number,
        }
        for fate, number in counts.items()
        if number
    ]


def _neighbours(found: Import, page: RowPage, fate: str | None) -> dict[str, str]:
    """The addresses of the pages before and after; empty where there is none."""
    kept = {"fate": fate} if fate else {}
    here = f"{IMPORTS}/{found.id}"
    before = after = ""
    if page.rows and page.has_previous:
        before = with_query(here, **kept, before=str(page.rows[0].number))
    if page.rows and page.has_next:
        after = with_query(here, **kept, after=str(page.rows[-1].number))
    return {"previous": before, "following": after}


def _place_of(request: Request) -> RowPlace:
    """Anything but a number is the first page."""
    before = request.query_params.get("before", "")
    after = request.query_params.get("after", "")
    if _is_number(before):
        return RowPlace(before=int(before))
    return RowPlace(after=int(after) if _is_number(after) else 0)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


async def _lines(pieces: AsyncIterator[tuple[Row, ...]], say: Say) -> AsyncIterator[str]:
    yield BYTE_ORDER_MARK + csv_line(("line", "email", "outcome", "detail"))
    async for rows in pieces:
        views = [words.row_view(row, say) for row in rows]
        yield "".join(csv_line((one.number, one.email, one.fate, one.what)) for one in views)


def _download_headers(name: str) -> dict[str, str]:
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
