"""Which of a client's secrets is in use: what an operator asks before the old one is retired.

Uses are counted in memory, so that a login costs no statement for it, and added to the table by
each process every half minute and at its end.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from cognigy_ai.clients import store
from cognigy_ai.clients.rules import Client
from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable
from kernel.log import get_logger
from kernel.metrics import Metrics, counter

log = get_logger(__name__)

ADD_EVERY_SECONDS = 30
ID_LENGTH = 12
CURRENT, PREVIOUS = "current", "previous"

USES = counter(
    "cognigy_ai_client_secret_uses_total",
    "Right client secrets that were presented: `current`, or `previous` during a rotation.",
    "client",
    "secret",
)


@dataclass(frozen=True, slots=True)
class SecretUse:
    """A secret that is valid; `last_used_at` is None if no process has told of a use."""

    id: str
    valid_as: str
    uses: int
    last_used_at: int | None


class SecretUses:
    """One for each process."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics) -> None:
        self._database, self._clock, self._metrics = database, clock, metrics
        self._noted: dict[tuple[str, str], tuple[int, int]] = {}
        self._over = asyncio.Event()

    def note(self, client: Client, place: int, now: int) -> None:
        """The secret at that place of the client's fitted."""
        key = (client.client_id, _id_of(client.secret_fingerprints[place]))
        uses, _ = self._noted.get(key, (0, 0))
        self._noted[key] = (uses + 1, now)
        self._metrics.count(
            USES, self._metrics.bounded("client", client.client_id), _valid_as(place)
        )

    def finish(self) -> None:
        """Add what was noted, and end."""
        self._over.set()

    async def run(self) -> None:
        """Until it is finished or cancelled."""
        while not self._over.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(ADD_EVERY_SECONDS):
                    await self._over.wait()
            await self.add()

    async def add(self) -> None:
        """Once; what the database does not take is kept for the next time."""
        noted, self._noted = self._noted, {}
        for key, (uses, last) in list(noted.items()):
            try:
                await store.add_uses(self._database, *key, uses, last)
                del noted[key]
            except DatabaseUnavailable as error:
                log.warning("client.uses_not_added", cause=str(error))
                break
            except Exception:
                log.exception("client.uses_not_added")  # the others are tried all the same
        for key, (uses, last) in noted.items():
            later, newest = self._noted.get(key, (0, last))
            self._noted[key] = (uses + later, newest)


async def uses_of(database: Database, client: Client) -> list[SecretUse]:
    """The secrets that are valid now, the current one first."""
    known = await store.find_uses(database, client.client_id)
    return [
        SecretUse(_id_of(secret), _valid_as(place), *known.get(_id_of(secret), (0, None)))
        for place, secret in enumerate(client.secret_fingerprints)
    ]


def _id_of(secret_fingerprint: str) -> str:
    """A name that says nothing of the secret: the beginning of its fingerprint."""
    return secret_fingerprint[:ID_LENGTH]


def _valid_as(place: int) -> str:
    return CURRENT if place == 0 else PREVIOUS
