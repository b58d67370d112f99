"""CPU time and memory of process trees, from /proc."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
KB_PER_MB = 1024


def cpu_seconds(roots: Iterable[int]) -> float:
    """User + system time of the trees: of every living process, and of children that have ended."""
    ticks = _all_ticks()
    return sum(ticks[pid][1] for pid in _trees(roots, ticks)) / TICKS_PER_SECOND


def memory_mb(roots: Iterable[int]) -> float:
    """Proportional set size of the trees: shared pages are divided among those who share them."""
    kilobytes = 0
    for pid in _trees(roots, _all_ticks()):
        with suppress(OSError):  # it ended meanwhile
            rollup = (PROC / str(pid) / "smaps_rollup").read_text()
            kilobytes += next(int(x.split()[1]) for x in rollup.splitlines() if x[:4] == "Pss:")
    return kilobytes / KB_PER_MB


def _all_ticks() -> dict[int, tuple[int, int]]:
    """Every process: its parent, and the ticks it and its ended children have used."""
    found = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                # the name of the program, in brackets, may hold anything
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                found[int(folder.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    return found


def _trees(roots: Iterable[int], ticks: dict[int, tuple[int, int]]) -> Iterator[int]:
    children = defaultdict(list)
    for pid, (parent, _) in ticks.items():
        children[parent].append(pid)
    left = [pid for pid in roots if pid in ticks]
    while left:
        pid = left.pop()
        yield pid
        left += children[pid]
