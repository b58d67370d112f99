"""Medians over the rounds, as a table beside the aims and as a file."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench.aims import AIMS, GROWTH_MB, IDLE_MB
from bench.measure import Measurement
from bench.operations import OPERATIONS

WIDTH = 140
TITLES = {"postgresql": "PostgreSQL, fsync on", "sqlite": "SQLite, WAL, synchronous=FULL"}


@dataclass(frozen=True)
class Memory:
    """Proportional set size of one server's process tree, in MB."""

    system: str
    idle: float
    after: float


@dataclass(frozen=True)
class Result:
    """Everything that was measured on one engine."""

    engine: str
    machine: dict[str, str]
    argon2_ms: float
    refused: list[str]
    memory: list[Memory]
    measurements: list[Measurement]

    @property
    def failures(self) -> int:
        return sum(measurement.failed for measurement in self.measurements)


@dataclass(frozen=True)
class Median:
    """Of all rounds of one operation at one concurrency."""

    operation: str
    concurrency: int
    own_cpu_ms: float
    by_system: dict[str, float]
    per_second: float
    p50_ms: float
    p99_ms: float
    done: int
    failed: int


def medians_of(measurements: Sequence[Measurement]) -> list[Median]:
    rounds: dict[tuple[str, int], list[Measurement]] = {}
    for one in measurements:
        rounds.setdefault((one.operation, one.concurrency), []).append(one)
    return [_median(operation, at, found) for (operation, at), found in rounds.items()]


def _median(operation: str, concurrency: int, rounds: list[Measurement]) -> Median:
    def middle(value: Callable[[Measurement], float]) -> float:
        return statistics.median(map(value, rounds))

    return Median(
        operation=operation,
        concurrency=concurrency,
        own_cpu_ms=middle(lambda m: m.own_cpu_ms),
        by_system={
            system: statistics.median(one.cpu_ms[system] for one in rounds)
            for system in rounds[0].cpu_ms
        },
        per_second=middle(lambda m: m.per_second),
        p50_ms=middle(lambda m: m.p50_ms),
        p99_ms=middle(lambda m: m.p99_ms),
        done=sum(m.done for m in rounds),
        failed=sum(m.failed for m in rounds),
    )


def show(result: Result, console: Console) -> None:
    console.print(_operations(result))
    console.print(_memory(result))
    lines = [f"{name}: {operation.includes}." for name, operation in OPERATIONS.items()]
    lines += [
        f"CPU ms: user + system time of our server processes for one finished operation; one "
        f"argon2id verification takes {result.argon2_ms:.1f} ms here.",
        f"Refused, as they must be: {', '.join(result.refused)}.",
    ]
    console.print("\n".join(lines), style="dim", highlight=False)
    for measurement in result.measurements:
        for error, times in measurement.errors.items():
            console.print(f"{measurement.operation}: {times} x {error}", style="red", markup=False)


def _operations(result: Result) -> Table:
    """One line for each operation and concurrency."""
    table = Table(title=TITLES[result.engine], title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("Operation", no_wrap=True)
    parts = ("in Live Agent", *(("+ PostgreSQL",) if result.engine == "postgresql" else ()))
    for heading in ("at", "aim", "CPU ms", *parts, "per s", "p50 ms", "p99 ms", "done", "failed"):
        table.add_column(heading, justify="right", no_wrap=True)
    for median in medians_of(result.measurements):
        systems = median.by_system
        database = (_number(systems["database"]),) if result.engine == "postgresql" else ()
        table.add_row(
            median.operation,
            str(median.concurrency),
            *_beside_aim(result, median),
            _number(systems.get("desk") if "platform" in systems else None),
            *database,
            f"{median.per_second:.0f}",
            f"{median.p50_ms:.1f}",
            f"{median.p99_ms:.1f}",
            str(median.done),
            str(median.failed),
        )
    return table


def _beside_aim(result: Result, median: Median) -> tuple[str, str]:
    """The aim, and what was measured: green where the aim is reached."""
    aim = AIMS.get((median.operation, result.engine, median.concurrency))
    if aim is None:
        return "-", _number(median.own_cpu_ms)
    limit = aim.limit(result.argon2_ms)
    return _number(limit), _coloured(median.own_cpu_ms, limit, _number(median.own_cpu_ms))


def _memory(result: Result) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Memory (PSS, MB)")
    for heading in ("idle", "aim", "growth under load", "aim"):
        table.add_column(heading, justify="right")
    for memory in result.memory:
        growth = memory.after - memory.idle
        ours = memory.system != "database"
        table.add_row(
            {"platform": "Cognigy.AI", "desk": "Live Agent"}.get(memory.system, "PostgreSQL"),
            _coloured(memory.idle, IDLE_MB, f"{memory.idle:.0f}") if ours else f"{memory.idle:.0f}",
            f"{IDLE_MB:.0f}" if ours else "-",
            _coloured(growth, GROWTH_MB, f"{growth:+.0f}") if ours else f"{growth:+.0f}",
            f"+{GROWTH_MB:.0f}" if ours else "-",
        )
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _coloured(value: float, limit: float, text: str) -> str:
    return f"[{'green' if value <= limit else 'yellow'}]{text}[/]"


def write(result: Result, folder: Path, when: str) -> Path:
    """Everything, for comparing with another day's."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{when}-{result.engine}.json"
    whole = asdict(result) | {"medians": [asdict(m) for m in medians_of(result.measurements)]}
    path.write_text(json.dumps(whole, indent=2) + "\n")
    return path
