"""docs/reference/metrics.md: every metric that is declared anywhere in the source."""

import importlib
import pkgutil
from collections.abc import Iterator

from writing import code, page, table, words

from kernel.metrics import Metric

PACKAGES = (("kernel", "Both systems"), ("live_agent", "Live Agent"), ("cognigy_ai", "Cognigy.AI"))


def metrics_page() -> str:
    about = (
        "With `PROMETHEUS_ENABLED` each process answers Prometheus on `PROMETHEUS_EXPORTER_PORT`, "
        "which is never the public port. Beside these there are the `process_`, `python_` and "
        "`python_gc_` metrics of the library. Labels have short lists of values; of organisations "
        "the first 50 that a process meets have their own name, the rest are `other`."
    )
    parts = []
    for package, title in PACKAGES:
        rows = (
            (code(m.name), m.kind.value, " ".join(map(code, m.labels)), words(m.meaning))
            for m in declared(package)
        )
        listed = table(("metric", "kind", "labels", "meaning"), rows)
        parts += [f"## {title}", listed] if listed else []
    return page("Metrics", about, *parts)


def declared(package: str) -> list[Metric]:
    """By name; a declaration that a second module imports is the same one."""
    found = {metric.name: metric for metric in _everywhere(package)}
    return sorted(found.values(), key=lambda metric: metric.name)


def _everywhere(package: str) -> Iterator[Metric]:
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        if ".migrations" in module.name or module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Metric) and (package == "kernel" or not _of_kernel(value)):
                yield value


def _of_kernel(metric: Metric) -> bool:
    return metric.name.startswith("server_")
