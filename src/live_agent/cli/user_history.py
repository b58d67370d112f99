"""`live-agent users history` and `users put-back`: whose identity a user was, and the way back."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from kernel.cli import print_json, print_line, print_table
from kernel.opaque import new_reference
from live_agent.cli.means import Means, check_reason, do
from live_agent.cli.users import Number, get_user
from live_agent.db import features
from live_agent.ledger import actions as ledger
from live_agent.ledger.rules import Line
from live_agent.migration import way_back
from live_agent.migration.way_back import Return
from live_agent.moves import waves
from live_agent.moves.runs import OPERATOR


def history(
    email: str,
    account: Number,
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Whose identity the user was and is: when, how, by whom."""

    async def work(means: Means) -> list[Line]:
        user = await get_user(means.database, account, email)
        return await ledger.list_of_user(means.database, account, user.id)

    found = do(work)
    if json:
        print_json([{"at": line.at, **asdict(line.entry)} for line in found])
        return
    rows = [
        (
            _time(line.at),
            line.entry.deed,
            line.entry.how,
            line.decided_by or line.by_name or "",
            line.decided_why or line.entry.reason or "",
            line.entry.subject,
        )
        for line in found
    ]
    print_table("History", ("At", "What", "How", "By", "Reason", "Subject"), rows)


def put_back(
    email: str,
    account: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept for good.")],
    block: Annotated[
        bool, typer.Option("--block", help="The wrong person moved: reject that identity.")
    ] = False,
) -> None:
    """Put a moved user back to the old login, and mail a link for a new password."""
    why = check_reason(reason)

    async def work(means: Means) -> None:
        user = await get_user(means.database, account, email)
        wanted = Return(account, user.id, why, by=None, block=block, reference=new_reference())
        outbox = features.outbox(means.keyring)
        async with means.database.transaction() as tx:
            await way_back.put_back(tx, outbox, wanted, means.settings, means.now)
            await waves.spare(tx, account, user.id, means.now, by=OPERATOR.id)

    do(work)
    print_line("Put back. The link for a new password goes to the address of the move.")


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
