"""`cognigy-ai audit`: list, export and verify what happened."""

from collections.abc import Awaitable, Callable
from typing import Any

from cognigy_ai.audit.actions import TRAIL
from cognigy_ai.cli.means import do
from kernel.audit.commands import Desk, audit_commands
from kernel.db import Database


def _do(work: Callable[[Database], Awaitable[Any]]) -> Any:
    return do(lambda means: work(means.database))


commands = audit_commands(Desk(TRAIL, _do, "organisation", "Id; without it all.", str))
