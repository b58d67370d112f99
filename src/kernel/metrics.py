"""Numbers for Prometheus: declared once with their meaning, kept for each application by itself.

A declaration is plain data at the head of the module that counts (`SIGN_INS = counter(...)`); the
reference page is made from it. `Metrics` holds the values of one application. Switched off, which
is the default, it does nothing and the library is never loaded.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

OTHER = "other"
UNKNOWN = "unknown"
MOST_NAMES = 50
# From a session's look-up to a password that waits in the queue.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Kind(Enum):
    """What Prometheus makes of a metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, eq=False)  # one object each: found by identity, not by words
class Metric:
    """One declaration: the name as a query has it, its meaning for the reference, its labels."""

    kind: Kind
    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


def counter(name: str, meaning: str, *labels: str) -> Metric:
    """Only goes up; its name ends with `_total`."""
    assert name.endswith("_total"), name
    return Metric(Kind.COUNTER, name, meaning, labels)


def gauge(name: str, meaning: str, *labels: str) -> Metric:
    """Goes up and down: set, or read at each look (`Metrics.watch`)."""
    return Metric(Kind.GAUGE, name, meaning, labels)


def histogram(
    name: str, meaning: str, *labels: str, buckets: tuple[float, ...] = SECONDS
) -> Metric:
    """How many were at most so large; its name ends with the unit."""
    return Metric(Kind.HISTOGRAM, name, meaning, labels, buckets)


class Metrics:
    """The values of one application, in a registry of its own; does nothing unless `on`.

    Label values come from catalogues, routes and other short lists. What people or other systems
    choose goes through `bounded` first: each value is a series that Prometheus keeps.
    """

    def __init__(self, *, on: bool = False) -> None:
        self.on = on
        self._registry: CollectorRegistry | None = None
        self._families: dict[Metric, Any] = {}
        self._series: dict[tuple[Metric, tuple[str, ...]], Any] = {}
        self._names: dict[str, set[str]] = {}

    def count(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """One more, or `by` more."""
        if self.on:
            self._of(metric, labels).inc(by)

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """One value of a histogram."""
        if self.on:
            self._of(metric, labels).observe(value)

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        """The value of a gauge from now on."""
        if self.on:
            self._of(metric, labels).set(value)

    def watch(self, metric: Metric, read: Callable[[], float], *labels: str) -> None:
        """A gauge that is read at each look, from another thread: `read` takes no lock."""
        if self.on:
            self._of(metric, labels).set_function(read)

    @contextmanager
    def timed(self, metric: Metric, *labels: str) -> Iterator[None]:
        """How long the block took, in seconds, whether it ended well or not."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.observe(metric, perf_counter() - begun, *labels)

    def declare(self, *metrics: Metric) -> None:
        """Show them from the start: a counter without labels begins with 0, not with an event."""
        for metric in metrics if self.on else ():
            self._family(metric)

    def bounded(self, list_name: str, value: str, most: int = MOST_NAMES) -> str:
        """The value, or `other` after the first `most` different ones of that list."""
        if not self.on:
            return value
        known = self._names.setdefault(list_name, set())
        if value in known:
            return value
        if len(known) >= most:
            return OTHER
        known.add(value)
        return value

    def text(self) -> str:
        """Everything, in the text format of Prometheus."""
        if not self.on:
            return ""
        from prometheus_client import generate_latest  # noqa: PLC0415 - see the module's docstring

        return generate_latest(self.registry()).decode()

    def registry(self) -> "CollectorRegistry":
        """This application's own; the library's common one is never used."""
        if self._registry is None:
            from prometheus_client import (  # noqa: PLC0415
                CollectorRegistry,
                GCCollector,
                PlatformCollector,
                ProcessCollector,
            )

            registry = self._registry = CollectorRegistry(auto_describe=True)
            ProcessCollector(registry=registry)
            PlatformCollector(registry=registry)
            GCCollector(registry=registry)
        return self._registry

    def _of(self, metric: Metric, labels: tuple[str, ...]) -> Any:
        """The series; looked up here, which costs a third of the library's own way."""
        series = self._series.get((metric, labels))
        if series is None:
            family = self._family(metric)
            series = family.labels(*labels) if metric.labels else family
            self._series[metric, labels] = series
        return series

    def _family(self, metric: Metric) -> Any:
        family = self._families.get(metric)
        if family is None:
            family = self._families[metric] = self._new_family(metric)
        return family

    def _new_family(self, metric: Metric) -> Any:
        import prometheus_client  # noqa: PLC0415

        # Else there is a second series beside each, with the time at which it was first seen.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        given: dict[str, Any] = {"labelnames": metric.labels, "registry": self.registry()}
        name, meaning = metric.name, metric.meaning
        match metric.kind:
            case Kind.COUNTER:
                return prometheus_client.Counter(name, meaning, **given)
            case Kind.GAUGE:
                return prometheus_client.Gauge(name, meaning, **given)
            case Kind.HISTOGRAM:
                return prometheus_client.Histogram(name, meaning, buckets=metric.buckets, **given)


OFF = Metrics()
