"""`live-agent break-glass`: the only way in when the platform is down."""

import getpass
import os
from typing import Annotated

import typer

from kernel.cli import print_json, print_line
from live_agent.break_glass import actions as break_glass
from live_agent.break_glass.actions import Order
from live_agent.break_glass.rules import LINK_SECONDS
from live_agent.cli.means import Means, check_reason, do
from live_agent.cli.users import get_user
from live_agent.db import features

HELP = "Print a link that lets an administrator in once, without Cognigy.AI; everybody is told."


def make(
    email: Annotated[str, typer.Argument(help="Address or id of an administrator.")],
    account: Annotated[int, typer.Option("--account", help="Number of the account.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; all administrators read it.")],
    json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Ten minutes, one use, a session of one hour; needs nothing but the database."""
    why = check_reason(reason)

    async def work(means: Means) -> str:
        user = await get_user(means.database, account, email)
        order = Order(account, user.id, why, _operator())
        async with means.database.transaction() as tx:
            secret = await break_glass.make(tx, features.outbox(means.keyring), order, means.now)
        return f"{means.settings.frontend_url}/break-glass/{secret}"

    link = do(work)
    if json:
        print_json({"link": link, "seconds": LINK_SECONDS})
    else:
        print_line(link)


def _operator() -> str:
    """Who types: the operating system's user, who may have no name in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
