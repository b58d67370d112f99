"""/admin/imports: people and roles from a CSV file; first what would happen, then the import."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.admin import import_words as words
from cognigy_ai.guards import session_of
from cognigy_ai.imports import actions as imports
from cognigy_ai.imports import rules
from cognigy_ai.imports.reading import MOST_ROWS, read_file
from cognigy_ai.imports.rules import Import, RowPage, RowPlace
from cognigy_ai.pages import desk_page
from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from kernel.problems import ProblemError, filled
from kernel.spreadsheet import BYTE_ORDER_MARK, csv_line
from kernel.web.forms import upload_of
from kernel.web.guards import form_of, log_refusal, with_query
from kernel.web.site import language_of, see_other

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
    return _download("example.csv", "".join(csv_line(row) for row in EXAMPLE))


async def show_import(request: Request) -> Response:
    """GET /admin/imports/{import_id}: the plan, then the progress, then what was done."""
    state, session = state_of(request), session_of(request)
    found = await _found(request)
    counts = await imports.count(state.database, found)
    fate = request.query_params.get("fate")
    fate = fate if fate in rules.FATES else None
    page = await imports.list_rows(
        state.database, state.keyring, found, fate, place=_place_of(request)
    )
    neighbours = _neighbours(found, page, fate)
    reasons = [
        (words.reason_text(code, _say(request)), number) for code, number in counts.reasons.items()
    ]
    return desk_page(
        request,
        "admin/import.html",
        session,
        refresh=REFRESH_SECONDS if found.under_way else None,
        found=found,
        state=_say(request)(words.STATES[found.state]),
        state_kind=words.STATE_KINDS[found.state],
        counts={name: counts.of(name) for name in rules.FATES},
        effective=counts.effective,
        reasons=reasons,
        mine=found.asked_by == session.user.id,
        tabs=_tabs(request, found, {name: counts.of(name) for name in rules.FATES}, fate),
        rows=[words.row_view(row, _say(request)) for row in page.rows],
        previous=neighbours["previous"],
        following=neighbours["following"],
    )


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


async def post_discard(request: Request) -> Response:
    """POST /admin/imports/{import_id}/discard."""
    state, by = state_of(request), session_of(request).user
    import_id = request.path_params["import_id"]
    async with state.database.transaction() as tx:
        discarded = await imports.discard(tx, by, import_id, state.clock.now())
    return see_other(f"{IMPORTS}?done=discarded" if discarded else f"{IMPORTS}/{import_id}")


async def show_results(request: Request) -> Response:
    """GET /admin/imports/{import_id}/results.csv: each row's fate, for a spreadsheet."""
    state, say = state_of(request), _say(request)
    found = await _found(request)
    page = await imports.list_rows(state.database, state.keyring, found, limit=MOST_ROWS)
    text = [csv_line(("line", "email", "outcome", "detail"))]
    for row in page.rows:
        view = words.row_view(row, say)
        text.append(csv_line((view.number, view.email, view.fate, view.what)))
    return _download("import-results.csv", "".join(text))


async def _imports(request: Request, error: ProblemError | None = None) -> Response:
    state, session = state_of(request), session_of(request)
    found = await imports.list_imports(state.database, session.user.organisation_id)
    say, spec = _say(request), error.problem.spec if error else None
    return desk_page(
        request,
        "admin/imports.html",
        session,
        spec.status if spec else 200,
        rows=[(one, say(words.STATES[one.state]), words.STATE_KINDS[one.state]) for one in found],
        most=MOST_ROWS,
        fault=filled(say(spec.title), error.context) + "." if spec and error else "",
        remedy=say(spec.user_text) if spec else "",
        discarded=request.query_params.get("done") == "discarded",
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
    say = _say(request)
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


def _download(name: str, text: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
    return Response(BYTE_ORDER_MARK + text, media_type=CSV, headers=headers)


def _say(request: Request) -> words.Say:
    pages, language = state_of(request).site.pages, language_of(request)
    return lambda text: pages.text(language, text)
