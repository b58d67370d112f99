"""POST /admin/users/selection: one role for many people, with a plan before and a report after.

What was chosen travels sealed in the address, so that each page can be loaded again and nothing
has to be kept: it holds ids, and only the administrator who made it can open it.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from cognigy_ai.admin.rules import selection as rules
from cognigy_ai.admin.rules.access import change_of
from cognigy_ai.admin.rules.selection import Selection
from cognigy_ai.admin.users import USERS
from cognigy_ai.guards import session_of
from cognigy_ai.pages import desk_page
from cognigy_ai.state import State, state_of
from cognigy_ai.users import administration
from cognigy_ai.users.rules import By, User
from kernel.db import Tx
from kernel.problems import ProblemError
from kernel.web.guards import GoElsewhere, form_of, log_refusal, with_query
from kernel.web.site import see_other

PLAN = "/admin/users/selection"
REPORT = "/admin/users/selection/report"
_SEALED_FOR = "selection"


async def post_selection(request: Request) -> Response:
    """POST /admin/users/selection: from the list to the plan."""
    chosen = rules.parse_form(form_of(request))
    if chosen is None or not chosen.user_ids:
        return see_other(f"{USERS}?done=nobody")
    return see_other(with_query(PLAN, of=_seal(request, chosen.as_json())))


async def show_plan(request: Request) -> Response:
    """GET /admin/users/selection: what will happen to each."""
    state, session = state_of(request), session_of(request)
    sealed = request.query_params.get("of", "")
    chosen = _chosen(request, sealed)
    rows = []
    for user in await _people(state.database, session.user, chosen.user_ids):
        fate = rules.fate(session.user.roles, user.roles, chosen)
        rows.append((user, fate, change_of(user.roles, chosen.role)))
    return desk_page(
        request,
        "admin/users_plan.html",
        session,
        chosen=chosen,
        sealed=sealed,
        rows=sorted(rows, key=lambda row: (row[1] != "changes", row[0].name)),
        changing=sum(fate == "changes" for _, fate, _ in rows),
    )


async def post_plan(request: Request) -> Response:
    """POST /admin/users/selection/apply: each person in a transaction of their own."""
    state, session = state_of(request), session_of(request)
    chosen = _chosen(request, form_of(request).get("of", ""))
    by, fates = By.person(session.user), []
    own = session.user.id  # comes last: who takes a role from themselves may lose the report
    for user_id in sorted(chosen.user_ids, key=lambda user_id: (user_id == own, user_id)):
        fates.append([user_id, await _apply(request, state, by, chosen, user_id)])
    return see_other(with_query(REPORT, of=_seal(request, [chosen.deed, chosen.role, fates])))


async def show_report(request: Request) -> Response:
    """GET /admin/users/selection/report: what happened to each."""
    state, session = state_of(request), session_of(request)
    match _open(request, request.query_params.get("of", "")):
        case [str() as deed, str() as role, [*fates]]:
            outcome = {str(user_id): str(fate) for user_id, fate in fates}
        case _:
            raise GoElsewhere(USERS)
    people = await _people(state.database, session.user, tuple(outcome))
    rows = [(user, outcome[user.id]) for user in people]
    return desk_page(
        request,
        "admin/users_report.html",
        session,
        deed=deed,
        role=role,
        rows=sorted(rows, key=lambda row: (row[1] in ("done", "was_so"), row[0].name)),
        done=sum(fate == "done" for fate in outcome.values()),
        was_so=sum(fate == "was_so" for fate in outcome.values()),
        gone=len(outcome) - len(people),
    )


async def _apply(request: Request, state: State, by: By, chosen: Selection, user_id: str) -> str:
    """`done`, `was_so`, or the code of the problem."""
    deed = administration.give if chosen.deed == rules.GIVE else administration.take
    try:
        async with state.database.transaction() as tx:
            changed = await deed(tx, by, user_id, chosen.role, state.clock.now())
    except ProblemError as error:
        log_refusal(request, error)
        return error.problem.code
    return "done" if changed else "was_so"


async def _people(db: Tx, actor: User, user_ids: tuple[str, ...]) -> list[User]:
    """Those who are (still) there."""
    asked = user_ids[: rules.MOST_SELECTED]
    return await administration.list_users_for(db, actor.organisation_id, asked)


def _seal(request: Request, value: Any) -> str:
    whose = session_of(request).user.id
    return state_of(request).keyring.seal(_SEALED_FOR, [whose, value])


def _open(request: Request, sealed: str) -> Any:
    match state_of(request).keyring.open_sealed(_SEALED_FOR, sealed):
        case [whose, value] if whose == session_of(request).user.id:
            return value
    return None


def _chosen(request: Request, sealed: str) -> Selection:
    chosen = rules.parse_json(_open(request, sealed))
    if chosen is None:
        raise GoElsewhere(USERS)
    return chosen
