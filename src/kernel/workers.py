"""The background tasks of one process: started together, and ended so that nothing is left held."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol, runtime_checkable

FINISH_SECONDS = 5


class Worker(Protocol):
    """Works until it is cancelled."""

    async def run(self) -> None: ...


@runtime_checkable
class Finishing(Protocol):
    """A worker that ends by itself when it is asked to, at the next point that suits it."""

    def finish(self) -> None: ...


@asynccontextmanager
async def working(*workers: Worker, seconds: float = FINISH_SECONDS) -> AsyncIterator[None]:
    """They run within the block; then those that can are let finish, and the rest is cancelled."""
    tasks = {asyncio.create_task(worker.run()): worker for worker in workers}
    try:
        yield
    finally:
        finishing = set()
        for task, worker in tasks.items():
            if isinstance(worker, Finishing):
                worker.finish()
                finishing.add(task)
            else:
                task.cancel()
        if finishing:
            await asyncio.wait(finishing, timeout=seconds)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
