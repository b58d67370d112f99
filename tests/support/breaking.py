"""A database that breaks off on purpose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kernel.db import Database, Tx


class BreaksOff:
    """After `sound` transactions the next `times` come to nothing; single statements go on."""

    def __init__(
        self, database: Database, fault: type[Exception], times: int, *, sound: int = 0
    ) -> None:
        self._database, self._fault = database, fault
        self._fates = iter([False] * sound + [True] * times)

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        async with self._database.transaction() as tx:
            yield tx
            if next(self._fates, False):
                raise self._fault("on purpose")
