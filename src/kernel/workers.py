"""The background tasks of one process: started together, and ended so that nothing is left held."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, runtime_checkable

from kernel.log import get_logger

log = get_logger("kernel.workers")

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
    """They run within the block; then those that can are let finish, and the rest is cancelled.

    Workers outlive their failures; one that does not is told in the log at that moment.
    """
    tasks = {
        asyncio.create_task(worker.run(), name=type(worker).__name__): worker for worker in workers
    }
    for task in tasks:
        task.add_done_callback(_tell_of_failure)
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
        for task in finishing:  # the others are at it: a second time would stop their cleaning up
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("worker.failed", worker=task.get_name(), exc_info=error)
