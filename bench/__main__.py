"""`python -m bench`: measure, and print what was measured beside the aims.

The exit code is 1 when an operation failed or a server accepted what it must refuse; a missed aim
is not a failure.
"""

import argparse
import asyncio
import platform
import signal
import sys
import tempfile
import time
from pathlib import Path

import uvloop
from pwdlib.hashers.argon2 import Argon2Hasher
from rich.console import Console

from bench import ROOT
from bench.aims import ENGINES
from bench.http import Failed
from bench.measure import Measurement, Plan, measure
from bench.operations import OPERATIONS, Worker, published_keys
from bench.processes import memory_mb
from bench.report import WIDTH, Memory, Result, show, write
from bench.selfcheck import check_refusals
from bench.target import Target, filesystem_of, running_target

SYSTEMS = ("platform", "desk", "database")
SETTLE_SECONDS = 1.0
ARGON2_ROUNDS = 9


def main() -> int:
    """Both engines one after the other, each on fresh databases."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stops what was started, as Ctrl-C does
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    when = time.strftime("%Y%m%d-%H%M%S")
    temporary = Path(tempfile.gettempdir())
    if filesystem_of(temporary) == "tmpfs":
        console.print(f"{temporary} is in memory: commits are not durable here. Set TMPDIR.")
    failures = 0
    for engine in options.engine:
        try:
            with running_target(engine, max(options.concurrency)) as target:
                result = uvloop.run(_measure_all(target, options, console))
        except Failed as error:
            console.print(f"{engine}: {error}", style="red", markup=False)
            return 1
        failures += result.failures
        show(result, console)
        console.print(f"Written: {write(result, options.results, when)}\n", style="dim")
    return 1 if failures else 0


async def _measure_all(target: Target, options: argparse.Namespace, console: Console) -> Result:
    await asyncio.sleep(SETTLE_SECONDS)
    systems = [system for system in SYSTEMS if target.pids(system)]
    idle = {system: memory_mb(target.pids(system)) for system in systems}
    seen: set[str] = set()
    workers = [Worker(target, number, seen) for number in range(max(options.concurrency))]
    for worker in workers:
        await worker.set_up()
    refused = await check_refusals(target, workers[0])
    keys = await published_keys(target)
    plan = Plan(options.seconds, options.warm_up)
    measurements: list[Measurement] = []
    for number in range(options.rounds):
        for name in options.operations:
            for concurrency in options.concurrency:
                console.print(
                    f"{target.engine}, round {number + 1}: {name} at {concurrency}", style="dim"
                )
                group = workers[:concurrency]
                measurements.append(
                    await measure(target, name, OPERATIONS[name], group, keys, plan)
                )
    memory = [Memory(s, idle[s], memory_mb(target.pids(s))) for s in systems]
    for worker in workers:
        worker.close()
    return Result(target.engine, _machine(), _argon2_ms(), refused, memory, measurements)


def _argon2_ms() -> float:
    """CPU time of one verification with the product's parameters."""
    hasher = Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    digest = hasher.hash("a password")
    began = time.process_time()
    for _ in range(ARGON2_ROUNDS):
        hasher.verify("a password", digest)
    return (time.process_time() - began) * 1000 / ARGON2_ROUNDS


def _machine() -> dict[str, str]:
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "processors": str(len(models)),
        "system": platform.platform(),
        "python": platform.python_version(),
        "filesystem": filesystem_of(Path(tempfile.gettempdir())),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one short round: whether everything works"
    )
    parser.add_argument("--engine", choices=ENGINES, nargs="+", default=list(ENGINES))
    parser.add_argument(
        "--operations", nargs="+", choices=OPERATIONS, default=list(OPERATIONS), metavar="NAME",
        help=", ".join(OPERATIONS),
    )  # fmt: skip
    parser.add_argument("--concurrency", type=int, nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one measurement")
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results")
    options = parser.parse_args()
    options.warm_up = 10
    if options.quick:
        options.rounds, options.seconds, options.warm_up = 1, 0.1, 1
    options.concurrency = options.concurrency or ([1, 4] if options.quick else [1, 16])
    return options


if __name__ == "__main__":
    sys.exit(main())
