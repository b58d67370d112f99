"""Links that come by mail: the secret in the address, and what is found by it.

Only the form's button spends a link: mail scanners and previews fetch links (DESIGN 3 rule 4).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.requests import Request

from cognigy_ai.problems import Problem
from cognigy_ai.state import state_of
from kernel.db import Tx
from kernel.opaque import fingerprint
from kernel.problems import ProblemError

LONGEST_SECRET = 100

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class MailedLink(Generic[Found]):
    """Links of one kind. `spent` is raised for those that cannot be used, whatever the reason."""

    find: Callable[[Tx, str, int], Awaitable[Found | None]]
    spent: Problem

    async def get(self, request: Request) -> Found:
        """What the link of this address is for; nothing is spent."""
        state = state_of(request)
        found = await self.find(state.database, self.fingerprint(request), state.clock.now())
        if found is None:
            raise ProblemError(self.spent)
        return found

    def fingerprint(self, request: Request) -> str:
        """By this the link is stored."""
        secret = str(request.path_params["secret"])
        if len(secret) > LONGEST_SECRET:
            raise ProblemError(self.spent)
        return fingerprint(secret)
