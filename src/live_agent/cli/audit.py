"""`live-agent audit`: list, export and verify what happened."""

from collections.abc import Awaitable, Callable
from typing import Any

import typer

from kernel.audit.commands import Desk, audit_commands
from kernel.db import Database
from live_agent.audit.actions import TRAIL
from live_agent.cli.means import do


def _do(work: Callable[[Database], Awaitable[Any]]) -> Any:
    return do(lambda means: work(means.database))


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal()):
        raise typer.BadParameter("An account is a number, as `live-agent accounts list` shows it.")
    return int(typed)


commands = audit_commands(Desk(TRAIL, _do, "account", "Number; without it all.", _number))
