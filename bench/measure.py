"""One measurement: an operation, at a concurrency, for some seconds."""

import asyncio
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field

from joserfc.jwk import KeySet

from bench.http import Failed
from bench.operations import Operation, Worker
from bench.processes import cpu_seconds
from bench.target import Target
from bench.tokens import check_signatures

MOST_OPERATIONS = 20_000
MOST_FAILURES = 50


@dataclass(frozen=True)
class Plan:
    seconds: float
    warm_up: int  # operations of each worker that are not counted


@dataclass
class Measurement:
    engine: str
    operation: str
    concurrency: int
    done: int
    failed: int
    seconds: float
    cpu_ms: dict[str, float]  # of one finished operation, by system; `database` beside ours
    per_second: float
    p50_ms: float
    p99_ms: float
    signatures_verified: int
    errors: dict[str, int] = field(default_factory=dict)

    @property
    def own_cpu_ms(self) -> float:
        return sum(ms for system, ms in self.cpu_ms.items() if system != "database")


class _Run:
    """Bounded in time, in operations and in failures."""

    def __init__(self, operation: Operation, until: float) -> None:
        self._operation = operation
        self._until = until
        self._begun = 0
        self.seconds: list[float] = []
        self.errors: Counter[str] = Counter()

    async def work(self, worker: Worker) -> None:
        while self._goes_on():
            self._begun += 1
            began = time.perf_counter()
            try:
                await self._operation.run(worker)
            except Failed as error:
                self.errors[str(error)[:200]] += 1
            else:
                self.seconds.append(time.perf_counter() - began)

    def _goes_on(self) -> bool:
        return (
            time.perf_counter() < self._until
            and self._begun < MOST_OPERATIONS
            and self.errors.total() < MOST_FAILURES
        )


async def measure(
    target: Target, name: str, operation: Operation, workers: list[Worker], keys: KeySet, plan: Plan
) -> Measurement:
    for worker in workers:  # fresh tokens, whatever the measurement before has done to them
        await worker.sso()
    await asyncio.gather(*(_one_after_the_other(operation, w, plan.warm_up) for w in workers))
    for worker in workers:
        worker.id_tokens.clear()
    systems = [*operation.systems, "database"]
    before = {system: cpu_seconds(target.pids(system)) for system in systems}
    began = time.perf_counter()
    run = _Run(operation, began + plan.seconds)
    await asyncio.gather(*(run.work(worker) for worker in workers))
    seconds = time.perf_counter() - began
    used = {system: cpu_seconds(target.pids(system)) - before[system] for system in systems}
    if not run.seconds:
        raise Failed(f"{name}: not one succeeded: {dict(run.errors)}")
    return Measurement(
        engine=target.engine,
        operation=name,
        concurrency=len(workers),
        done=len(run.seconds),
        failed=run.errors.total(),
        seconds=seconds,
        cpu_ms={system: value * 1000 / len(run.seconds) for system, value in used.items()},
        per_second=len(run.seconds) / seconds,
        p50_ms=statistics.median(run.seconds) * 1000,
        p99_ms=_percentile(run.seconds, 0.99) * 1000,
        signatures_verified=check_signatures([t for w in workers for t in w.id_tokens], keys),
        errors=dict(run.errors),
    )


async def _one_after_the_other(operation: Operation, worker: Worker, times: int) -> None:
    for _ in range(times):
        await operation.run(worker)


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
