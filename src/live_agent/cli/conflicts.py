"""`live-agent conflicts`: list, decide, withdraw."""

from typing import Annotated, Any

import typer

from kernel.cli import fail, print_json, print_line, print_table
from live_agent.cli.means import Means, check_reason, do
from live_agent.conflicts import actions as conflicts
from live_agent.conflicts.actions import Ruling
from live_agent.conflicts.rules import Outcome

commands = typer.Typer(help="Logins that only an administrator can decide.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Number = Annotated[int, typer.Option("--account", help="Number of the account.")]


@commands.command("list")
def list_conflicts(json: Json = False) -> None:
    """The newest first; the reference is the one on the person's page."""

    async def work(means: Means) -> list[dict[str, Any]]:
        return await conflicts.list_open(means.database)

    found = do(work)
    if json:
        print_json(found)
        return
    columns = ("Id", "Reference", "Account", "Kind", "Address", "Subject", "Users", "Times")
    rows = [
        (
            row["id"],
            row["reference"],
            f"{row['account_id']} {row['account_name']}",
            row["kind"],
            row["email_key"],
            row["subject"],
            " ".join(row["user_ids"]),
            row["times"],
        )
        for row in found
    ]
    print_table("Conflicts", columns, rows)


@commands.command("decide")
def decide(
    conflict: Annotated[str, typer.Argument(help="Its id.", metavar="CONFLICT")],
    account: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept for good.")],
    link: Annotated[str, typer.Option("--link", help="Id of the user who it is.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="Nobody here.")] = False,
    separate: Annotated[bool, typer.Option("--separate", help="Somebody new.")] = False,
) -> None:
    """Decide it in place of the account's administrators; it counts at the person's next login."""
    chosen = [
        outcome
        for outcome, given in (
            (Outcome.LINK, bool(link)),
            (Outcome.REJECT, reject),
            (Outcome.SEPARATE, separate),
        )
        if given
    ]
    if len(chosen) != 1:
        fail("Give one of --link USER, --reject and --separate.")
    why = check_reason(reason)

    async def work(means: Means) -> None:
        ruling = Ruling(account, conflict, chosen[0], link or None, why, by=None)
        await conflicts.decide(means.database, ruling, means.now)

    do(work)
    print_line("Decided. It counts at the person's next login.")


@commands.command("withdraw")
def withdraw(
    conflict: Annotated[str, typer.Argument(help="Its id.", metavar="CONFLICT")],
    account: Number,
) -> None:
    """Take back a decision that nobody followed yet; the conflict is open again."""

    async def work(means: Means) -> None:
        file = await conflicts.get(means.database, account, conflict)
        open_one = file.open_decision(means.now)
        if open_one is None:
            fail("There is no decision in force about it.")
        await conflicts.take_back(means.database, account, conflict, open_one.id, None, means.now)

    do(work)
    print_line("Withdrawn. The conflict is open again.")
