"""Settings → Migration: who has moved to the Cognigy.AI login, who has not, and why.

The page shows what the platform said last, with its time, and asks it again beside the request.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kernel.emails import email_key
from kernel.languages import Say
from kernel.spreadsheet import BYTE_ORDER_MARK, csv_line
from kernel.web.guards import with_query
from kernel.web.site import say_of, see_other
from live_agent.accounts import actions as accounts
from live_agent.agents.rules import ROLE_NAMES
from live_agent.audit import actions as audit
from live_agent.console.migration_chart import chart_of
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import check_account
from live_agent.moves import actions as moves
from live_agent.moves import runs, waves
from live_agent.moves.actions import Group, Move, Overview, State
from live_agent.moves.rules import count_states
from live_agent.moves.runs_rules import Run
from live_agent.moves.stages import OBSERVED, Stage, Standing
from live_agent.state import state_of

TAB = "migration"
ROWS = 50
SEALED_FOR = "migration/after"
REFRESH_SECONDS = 2
KINDS = {
    Group.READY: "accent",
    Group.NEEDS: "warning",
    Group.CONFLICT: "danger",
    Group.MOVED: "success",
}
CSV = "text/csv; charset=utf-8"


async def show_migration(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/migration."""
    state, overview = state_of(request), await look_here(request)
    now, say = state.clock.now(), say_of(request)
    asked = asked_in(request.query_params)
    fitting = [move for move in overview.moves if fits(move, asked)]
    rows, after = _page_of(request, fitting)
    asking = overview.reading.asking or overview.reading.is_due(now)
    if overview.reading.is_due(now) and overview.account.organisation_id is not None:
        state.readings.read_later(overview.account)
    account_id = overview.account.id
    here = settings_address(account_id, TAB)
    standings = await waves.list_standings(state.database, account_id)
    return settings_page(
        request,
        "console/migration.html",
        TAB,
        here_address=here,
        account=overview.account,
        reading=overview.reading,
        failure=say(overview.reading.failure.value) if overview.reading.failure else "",
        refresh=REFRESH_SECONDS if asking and overview.reading.read_at is None else None,
        total=len(overview.moves),
        groups=_group_views(overview, asked, here, say),
        states=_state_views(overview, asked, here, say),
        narrowed=bool(asked["q"] or asked["state"] or asked["group"]),
        asked=asked,
        fitting=len(fitting),
        waiting=sum(1 for move in fitting if move.state is not State.DONE),
        rows=[_with_standing(move, standings.get(move.user.id), say) for move in rows],
        brake=await waves.find_brake(state.database, account_id),
        may_close=await waves.may_close(state.database, account_id),
        runs=[_run_view(run, say) for run in await runs.list_runs(state.database, account_id)],
        following=with_query(here, **_kept(asked), after=after) if after else "",
        first_page=with_query(here, **_kept(asked)) if request.query_params.get("after") else "",
        chart=chart_of(overview, now),
    )


async def show_plan(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/migration/plan: the dry run, which writes nothing."""
    state, overview = state_of(request), await look_here(request)
    now, say = state.clock.now(), say_of(request)
    foreseen = await moves.foresee(state.database, overview, now)
    plan = foreseen.plan
    return settings_page(
        request,
        "console/migration_plan.html",
        TAB,
        here_address=settings_address(overview.account.id, TAB),
        account=overview.account,
        reading=overview.reading,
        plan=plan,
        doors=foreseen.doors,
        doors_of=foreseen.doors_of,
        moving=[view_of(move, say) for move in plan.moving[:ROWS]],
        reasons=[
            (say(one.value.label), say(one.value.action), one.name.lower(), found)
            for one, found in plan.staying.items()
        ],
        changed_roles=[view_of(move, say) for move in plan.changed_roles[:ROWS]],
        waiting=sum(1 for move in overview.moves if move.state is not State.DONE),
        most=ROWS,
    )


async def show_csv(request: Request) -> Response:
    """GET /app/accounts/{id}/settings/migration/users.csv: everybody, as the filters say.

    That it was read stands in the audit log.
    """
    overview, asked = await look_here(request), asked_in(request.query_params)
    fitting = [move for move in overview.moves if fits(move, asked)]
    state = state_of(request)
    await audit.record(
        state.database,
        "migration.exported",
        state.clock.now(),
        account_id=overview.account.id,
        people=len(fitting),
    )
    return StreamingResponse(
        csv_of(fitting, say_of(request)),
        media_type=CSV,
        headers={
            "content-disposition": 'attachment; filename="migration.csv"',
            "cache-control": "no-store",
        },
    )


async def post_refresh(request: Request) -> Response:
    """POST /app/accounts/{id}/settings/migration/refresh: ask the platform again."""
    state, session = state_of(request), check_account(request)
    account = await accounts.find(state.database, session.account_id)
    assert account is not None  # the session is of it
    state.readings.read_later(account)
    return see_other(settings_address(session.account_id, TAB))


def csv_of(found: Sequence[Move], say: Say) -> Iterator[str]:
    """Lines for a spreadsheet: one for each old user."""
    yield BYTE_ORDER_MARK + csv_line(
        ("id", "email", "name", "roles", "state", "what_to_do", "cognigy_email", "cognigy_roles",
         "moved_at", "last_login_at", "last_login_method")
    )  # fmt: skip
    for move in found:
        user, person = move.user, move.person
        yield csv_line(
            (
                user.id,
                user.email,
                user.name,
                " ".join(user.roles),
                move.state.name.lower(),
                say(move.state.value.action) if move.state.value.action else "",
                person.email if person else "",
                " ".join(person.roles) if person else "",
                user.moved_at,
                user.last_login_at,
                user.last_login_method,
            )
        )


def view_of(move: Move, say: Say) -> Mapping[str, Any]:
    """A row of the table."""
    spec = move.state.value
    return {
        "id": move.user.id,
        "name": move.user.name,
        "email": move.user.email,
        "roles": [say(ROLE_NAMES[role]) for role in move.user.roles],
        "new_roles": [say(ROLE_NAMES[role]) for role in move.person.roles] if move.person else [],
        "state": say(spec.label),
        "kind": KINDS[spec.group],
        "action": say(spec.action) if spec.action else "",
        "must_prove": move.must_prove and move.state is State.READY,
        "platform_email": move.person.email if move.person else "",
        "differs": move.state is State.EMAIL_DIFFERS,
        "moved_at": move.user.moved_at,
        "last_login_at": move.user.last_login_at,
        "last_login_method": move.user.last_login_method,
        "done": move.state is State.DONE,
    }


def _with_standing(move: Move, standing: Standing | None, say: Say) -> Mapping[str, Any]:
    """A row, and where the person is led to."""
    found = standing or OBSERVED
    return {
        **view_of(move, say),
        "stage": say(found.stage.value) if found.stage is not Stage.OBSERVE else "",
        "closes_at": found.closes_at if found.closed_at is None else None,
        "closed_at": found.closed_at,
        "reminded_at": found.reminded_at,
    }


def _run_view(run: Run, say: Say) -> Mapping[str, Any]:
    return {
        "id": run.id,
        "kind": say(run.kind.value),
        "state": say(run.state.value),
        "under_way": run.finished_at is None,
        "running": run.under_way,
        "done": run.done,
        "total": run.total,
        "by": run.asked_by_name,
        "created_at": run.created_at,
        "failure": run.failure is not None,
    }


async def look_here(request: Request) -> Overview:
    """Everybody of the account who has, or had, an old password."""
    state, session = state_of(request), check_account(request)
    account = await accounts.find(state.database, session.account_id)
    assert account is not None  # the session is of it
    return await moves.look(state.database, account, state.settings.issuer, state.clock.now())


def asked_in(given: Mapping[str, str]) -> dict[str, str]:
    """Which part of the list; what is no part of it is everybody."""
    group, state = given.get("group", ""), given.get("state", "")
    return {
        "q": given.get("q", "").strip()[:200],
        "group": group if group.upper() in Group.__members__ else "",
        "state": state if state.upper() in State.__members__ else "",
    }


def _kept(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}


def fits(move: Move, asked: Mapping[str, str]) -> bool:
    """Is the person in that part?"""
    if asked["group"] and move.state.value.group.name.lower() != asked["group"]:
        return False
    if asked["state"] and move.state.name.lower() != asked["state"]:
        return False
    words = asked["q"].casefold().split()
    found = f"{move.user.name} {move.user.email}".casefold()
    return all(word in found for word in words) or email_key(asked["q"]) == move.user.email_key


def _page_of(request: Request, fitting: Sequence[Move]) -> tuple[Sequence[Move], str]:
    """The rows behind the last one of the page before, and the mark of the next page."""
    keyring = state_of(request).keyring
    mark = keyring.open_sealed(SEALED_FOR, request.query_params.get("after", ""))
    if isinstance(mark, list):
        fitting = [move for move in fitting if list(move.key) > mark]
    shown = fitting[:ROWS]
    more = keyring.seal(SEALED_FOR, list(shown[-1].key)) if len(fitting) > ROWS else ""
    return shown, more


def _group_views(
    overview: Overview, asked: Mapping[str, str], here: str, say: Say
) -> list[dict[str, Any]]:
    """The funnel: each part with its number, its width in a thousand, and where it leads."""
    total, start, views = max(1, len(overview.moves)), 0, []
    for group, number in overview.groups.items():
        width = 1000 * number // total
        current = asked["group"] == group.name.lower()
        views.append(
            {
                "name": group.name.lower(),
                "label": say(group.value),
                "number": number,
                "start": start,
                "width": width,
                "current": current,
                "href": here if current else with_query(here, group=group.name.lower()),
            }
        )
        start += width
    return views


def _state_views(
    overview: Overview, asked: Mapping[str, str], here: str, say: Say
) -> list[dict[str, Any]]:
    return [
        {
            "label": say(state.value.label),
            "number": number,
            "current": asked["state"] == state.name.lower(),
            "href": with_query(here, state=state.name.lower()),
        }
        for state, number in count_states(overview.moves).items()
    ]
