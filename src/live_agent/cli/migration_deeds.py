"""`live-agent migration propose, remind, stage, close, reopen, pause, resume`."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import typer

from kernel.cli import fail, print_line
from kernel.db import Tx
from kernel.emails import email_key
from live_agent.accounts import actions as accounts
from live_agent.cli.means import Means, do
from live_agent.moves import actions as moves
from live_agent.moves import runs, waves
from live_agent.moves.actions import Move, State
from live_agent.moves.runs import OPERATOR
from live_agent.moves.runs_rules import Kind
from live_agent.moves.stages import Stage

Number = Annotated[int, typer.Option("--account", help="Number of the account.")]
Emails = Annotated[
    list[str] | None, typer.Option("--email", help="Whom; repeatable. Nobody named: everybody.")
]
STAGES = {"observe": Stage.OBSERVE, "first": Stage.FIRST}
Work = Callable[[Tx, list[str], int], Awaitable[int]]


def add_to(commands: typer.Typer) -> None:
    """What changes something, beside `status` and `plan`."""
    for name, command in (
        ("propose", propose),
        ("remind", remind),
        ("stage", stage),
        ("close", close),
        ("reopen", reopen),
        ("pause", pause),
        ("resume", resume),
    ):
        commands.command(name)(command)


def propose(account: Number, email: Emails = None) -> None:
    """Propose Cognigy.AI accounts to the organisation, whose admin decides; a server does it."""
    _begin(account, email, Kind.PROPOSE, State.NO_PLATFORM_ACCOUNT)


def remind(account: Number, email: Emails = None) -> None:
    """Mail whoever has not moved; nobody more often than every three days. A server does it."""
    _begin(account, email, Kind.REMIND, None)


def stage(
    account: Number,
    to: Annotated[
        str, typer.Option("--to", help="first (Cognigy.AI first), or observe (not asked).")
    ],
    email: Emails = None,
) -> None:
    """Ask old users to use Cognigy.AI first, or no more; takes back a day of `close`, too."""
    if to not in STAGES:
        fail(f"`{to}` is no stage. Stages: {', '.join(STAGES)}; `migration close` closes.")

    async def work(tx: Tx, user_ids: list[str], now: int) -> int:
        return await waves.set_stage(tx, account, user_ids, STAGES[to], now, by=OPERATOR.id)

    print_line(f"{_change(account, email, work)} people.")


def close(
    account: Number,
    on: Annotated[str, typer.Option("--on", help="The day, such as 2027-01-31 (UTC).")],
    email: Emails = None,
) -> None:
    """Close the old login on a day, once an administrator has moved."""
    try:
        closes_at = int(datetime.strptime(on, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        fail(f"`{on}` is no day. Write it as 2027-01-31.")

    async def work(tx: Tx, user_ids: list[str], now: int) -> int:
        return await waves.set_stage(
            tx, account, user_ids, Stage.CLOSING, now, by=OPERATOR.id, closes_at=closes_at
        )

    print_line(f"The old login of {_change(account, email, work)} people closes on {on}.")


def reopen(account: Number, email: Emails = None) -> None:
    """Let old logins that have closed work again; before the day: `migration stage`."""

    async def work(tx: Tx, user_ids: list[str], now: int) -> int:
        return await waves.reopen(tx, account, user_ids, now, by=OPERATOR.id)

    print_line(f"{_change(account, email, work)} old logins are open again.")


def pause(account: Number) -> None:
    """Nothing closes and nobody is mailed until `resume`."""

    async def work(tx: Tx, _user_ids: list[str], now: int) -> int:
        return await waves.pause(tx, account, now, by=OPERATOR.id)

    print_line("Paused." if _change(account, [], work) else "It was paused already.")


def resume(account: Number) -> None:
    """Go on; failures from before count no more."""

    async def work(tx: Tx, _user_ids: list[str], now: int) -> int:
        return await waves.resume(tx, account, now, by=OPERATOR.id)

    print_line("Goes on." if _change(account, [], work) else "It was not paused.")


def _begin(account: int, emails: list[str] | None, kind: Kind, only: State | None) -> None:
    async def work(means: Means) -> tuple[str, int]:
        found = [move for move in await _chosen(means, account, emails)
                 if only in (None, move.state)]  # fmt: skip
        if not found:
            fail("Nobody is in that state: `live-agent migration status`.")
        async with means.database.transaction() as tx:
            ids = [move.user.id for move in found]
            return await runs.begin(tx, account, kind, ids, means.now, by=OPERATOR), len(found)

    run_id, number = do(work)
    print_line(f"{run_id}: {number} people. A running server carries it out.")


def _change(account: int, emails: list[str] | None, work_on: Work) -> int:
    async def work(means: Means) -> int:
        found = await _chosen(means, account, emails)
        async with means.database.transaction() as tx:
            return await work_on(tx, [move.user.id for move in found], means.now)

    return int(do(work))


async def _chosen(means: Means, number: int, emails: list[str] | None) -> list[Move]:
    """The unmoved of these addresses, or all of them."""
    account = await accounts.find(means.database, number)
    if account is None:
        fail(f"There is no account {number}: `live-agent accounts list`.")
    found = await moves.look(means.database, account, means.settings.issuer, means.now)
    waiting = [move for move in found.moves if move.state is not State.DONE]
    if not emails:
        return waiting
    known = {move.user.email_key for move in waiting}
    wrong = [one for one in emails if email_key(one) not in known]
    if wrong:
        fail(f"Account {number} has no old user {wrong[0]} who has not moved.")
    asked = {email_key(one) for one in emails}
    return [move for move in waiting if move.user.email_key in asked]
