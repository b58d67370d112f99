"""Where Prometheus looks: a small server of its own, on a port that the public never reaches.

It runs in a thread, so that numbers are answered also while the event loop is held up: that is
when they are wanted.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kernel.metrics import Metrics
from kernel.serve import CANNOT_START


@contextmanager
def exporter(metrics: Metrics, address: str, port: int) -> Iterator[None]:
    """Answer Prometheus within the block, if the metrics are on; SystemExit 2 if it cannot."""
    if not metrics.on:
        yield
        return
    from prometheus_client import start_http_server  # noqa: PLC0415 - loaded only where it is used

    try:
        server, thread = start_http_server(port, address, metrics.registry())
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        sys.stderr.write(
            f"Cannot listen on {address} port {port} for Prometheus: {reason}. "
            "Change PROMETHEUS_EXPORTER_PORT, or stop the program that listens there.\n"
        )
        raise SystemExit(CANNOT_START) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
