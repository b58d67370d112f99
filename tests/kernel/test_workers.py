"""A background task that fails is told in the log at that moment, and keeps none from its end."""

import asyncio

import structlog

from kernel.workers import working


class Broken:
    async def run(self) -> None:
        raise LookupError("a bug")


class Finishes:
    """Needs a moment for what it has in hand."""

    ended = False

    def finish(self) -> None:
        pass

    async def run(self) -> None:
        await asyncio.sleep(0.05)
        self.ended = True


class Cancelled:
    """Gives back what it has in hand."""

    ended = False

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            self.ended = True


async def test_a_worker_that_fails_is_in_the_log_while_the_others_go_on():
    other = Cancelled()
    with structlog.testing.capture_logs() as logs:
        async with working(Broken(), other):
            await asyncio.sleep(0.01)
            assert [(e["event"], e["worker"]) for e in logs] == [("worker.failed", "Broken")]
            assert isinstance(logs[0]["exc_info"], LookupError)
            assert not other.ended


async def test_a_worker_that_failed_keeps_no_other_from_its_end():
    others = Finishes(), Cancelled()
    async with working(Broken(), *others):
        await asyncio.sleep(0.01)
    assert [other.ended for other in others] == [True, True]
