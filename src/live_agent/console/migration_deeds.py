"""Settings → Migration, what can be done: stages, reminders, proposed accounts, the brake.

Each deed first says for whom it is and what it means; the button on that page does it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import Response

from kernel.db import Tx
from kernel.languages import n_
from kernel.problems import ProblemError
from kernel.web.guards import form_of
from kernel.web.site import say_of, see_other
from live_agent.console.migration import TAB, asked_in, fits, look_here, view_of
from live_agent.console.settings_frame import settings_address, settings_page
from live_agent.guards import check_account, check_not_emergency
from live_agent.moves import runs, waves
from live_agent.moves.actions import Move, Overview, State
from live_agent.moves.runs import Asker
from live_agent.moves.runs_rules import Kind
from live_agent.moves.stages import DAY, Stage, Standing
from live_agent.problems import Problem
from live_agent.state import state_of

SHOWN = 5
FIRST_CLOSING_DAYS = 14


@dataclass(frozen=True, slots=True)
class Deed:
    """What is said before it is done, and for whom it can be done."""

    title: str
    meaning: str
    button: str
    dangerous: bool = False
    for_whom: Callable[[Move, bool], bool] = lambda move, _closed: move.state is not State.DONE


DEEDS = {
    "propose": Deed(
        n_("Propose Cognigy.AI accounts"),
        n_(
            "An admin of your organisation sees the list in Cognigy.AI under Import people and "
            "makes all, some or none of them; Cognigy.AI then mails the invitations. Before that, "
            "nothing is made."
        ),
        n_("Propose the accounts"),
        for_whom=lambda move, _closed: move.state is State.NO_PLATFORM_ACCOUNT,
    ),
    "remind": Deed(
        n_("Remind by mail"),
        n_(
            "Each gets a mail, in their language, that asks them to sign in with Cognigy.AI. "
            "Nobody gets one more often than every three days, and nobody more than six."
        ),
        n_("Mail the reminder"),
    ),
    "first": Deed(
        n_("Cognigy.AI first"),
        n_(
            "After a sign-in with the old password they are asked to use Cognigy.AI from now on. "
            "The old password goes on working."
        ),
        n_("Ask them from now on"),
    ),
    "close": Deed(
        n_("Close the old login"),
        n_(
            "On that day their old passwords stop working, sessions made with them end and mailed "
            "links are void. Whoever has not moved by then gets in with Cognigy.AI only. You can "
            "reopen it."
        ),
        n_("Close the old login"),
        dangerous=True,
        for_whom=lambda move, closed: move.state is not State.DONE and not closed,
    ),
    "observe": Deed(
        n_("Only observe"),
        n_("They are not asked for anything any more, and no old login closes by itself."),
        n_("Only observe"),
    ),
    "reopen": Deed(
        n_("Reopen the old login"),
        n_("Their old passwords work again. What was ended stays ended."),
        n_("Reopen the old login"),
        for_whom=lambda move, closed: move.state is not State.DONE and closed,
    ),
}


async def post_deed(request: Request) -> Response:
    """POST /app/accounts/{id}/settings/migration/deed: say what it means, or do it."""
    form, overview = form_of(request), await look_here(request)
    deed = DEEDS.get(form.get("deed", ""))
    if deed is None:
        raise ProblemError(Problem.PAGE_NOT_FOUND)
    if form["deed"] == "reopen":
        check_not_emergency(request)
    standings = await waves.list_standings(state_of(request).database, overview.account.id)
    chosen = [
        move
        for move in _chosen(request, overview)
        if deed.for_whom(move, _is_closed(standings, move))
    ]
    if not chosen:
        raise ProblemError(Problem.SELECTION_EMPTY)
    if form.get("confirmed") != "1":
        return _confirm(request, overview, deed, chosen)
    await _do(request, overview.account.id, form["deed"], [move.user.id for move in chosen])
    return see_other(settings_address(overview.account.id, TAB))


async def post_brake(request: Request) -> Response:
    """POST /app/accounts/{id}/settings/migration/brake: pause, or go on."""
    state, session = state_of(request), check_account(request)
    now, account_id, by = state.clock.now(), session.account_id, session.user_id
    async with state.database.transaction() as tx:
        if form_of(request).get("deed") == "resume":
            await waves.resume(tx, account_id, now, by=by)
        else:
            await waves.pause(tx, account_id, now, by=by)
    return see_other(settings_address(account_id, TAB))


async def post_stop(request: Request) -> Response:
    """POST /app/accounts/{id}/settings/migration/runs/{run_id}/stop: what is done stays done."""
    state, session = state_of(request), check_account(request)
    run_id = request.path_params["run_id"]
    async with state.database.transaction() as tx:
        await runs.stop(tx, session.account_id, run_id, state.clock.now(), by=session.user_id)
    return see_other(settings_address(session.account_id, TAB))


async def _do(request: Request, account_id: int, deed: str, user_ids: Sequence[str]) -> None:
    state, session = state_of(request), check_account(request)
    now, by = state.clock.now(), session.user_id
    closes_at = _day_of(form_of(request).get("closes_on", "")) if deed == "close" else None
    async with state.database.transaction() as tx:
        if deed in ("propose", "remind"):
            kind = Kind.PROPOSE if deed == "propose" else Kind.REMIND
            asker = Asker(session.user_id, session.name)
            await runs.begin(tx, account_id, kind, user_ids, now, by=asker)
        else:
            await carry_out(tx, account_id, deed, user_ids, now, by=by, closes_at=closes_at)


async def carry_out(  # noqa: PLR0913 - who, what, when, by whom
    tx: Tx,
    account_id: int,
    deed: str,
    user_ids: Sequence[str],
    now: int,
    *,
    by: str,
    closes_at: int | None,
) -> int:
    """A deed on the stages of these people."""
    if deed == "reopen":
        return await waves.reopen(tx, account_id, user_ids, now, by=by)
    stage = {"first": Stage.FIRST, "close": Stage.CLOSING, "observe": Stage.OBSERVE}[deed]
    return await waves.set_stage(tx, account_id, user_ids, stage, now, by=by, closes_at=closes_at)


def _confirm(request: Request, overview: Overview, deed: Deed, chosen: Sequence[Move]) -> Response:
    form, say = form_of(request), say_of(request)
    now = state_of(request).clock.now()
    tomorrow = datetime.fromtimestamp(now + DAY, UTC).date()
    return settings_page(
        request,
        "console/migration_confirm.html",
        TAB,
        here_address=settings_address(overview.account.id, TAB),
        deed=form["deed"],
        title=say(deed.title),
        meaning=say(deed.meaning),
        button=say(deed.button),
        dangerous=deed.dangerous,
        number=len(chosen),
        shown=[view_of(move, say) for move in chosen[:SHOWN]],
        ids=[] if form.get("everybody") else [move.user.id for move in chosen],
        everybody=form.get("everybody", ""),
        asked=asked_in(form),
        first_day=tomorrow.isoformat(),
        proposed_day=(tomorrow + timedelta(days=FIRST_CLOSING_DAYS)).isoformat(),
    )


def _chosen(request: Request, overview: Overview) -> list[Move]:
    """Those who are ticked, or everybody whom the filters leave."""
    form = form_of(request)
    if form.get("everybody") == "1":
        asked = asked_in(form)
        return [move for move in overview.moves if fits(move, asked)]
    ticked = {name.removeprefix("user.") for name in form if name.startswith("user.")}
    return [move for move in overview.moves if move.user.id in ticked]


def _is_closed(standings: dict[str, Standing], move: Move) -> bool:
    standing = standings.get(move.user.id)
    return standing is not None and standing.closed_at is not None


def _day_of(text: str) -> int:
    """The beginning of that day, in UTC. Raises CLOSING_DATE_WRONG."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ProblemError(Problem.CLOSING_DATE_WRONG) from None
    return int(datetime.combine(day, time(), UTC).timestamp())
