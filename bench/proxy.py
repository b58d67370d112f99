"""HAProxy before the replicas of both systems, with the health check that a real one has."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.http import Failed

HEAD = """
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  option forwardfor
  option redispatch 1
  retries 3
  retry-on conn-failure
"""
FRONT = """
frontend front-{port}
  bind 127.0.0.1:{port}
  default_backend back-{port}
backend back-{port}
  balance roundrobin
  option httpchk GET /health/readiness
"""
SERVER = "  server replica-{number} {address} check inter 500ms fall 1 rise 1\n"


@contextmanager
def haproxy(backends: Mapping[int, Sequence[str]], folder: Path) -> Iterator[None]:
    """A public port for each system, and the addresses of its replicas."""
    text = HEAD
    for port, addresses in backends.items():
        text += FRONT.format(port=port)
        for number, address in enumerate(addresses):
            text += SERVER.format(number=number, address=address)
    config = folder / "haproxy.cfg"
    config.write_text(text)
    with (folder / "haproxy.log").open("wb") as log:
        process = subprocess.Popen(["haproxy", "-db", "-f", str(config)], stdout=log, stderr=log)
    try:
        time.sleep(1)
        if process.poll() is not None:
            raise Failed(f"haproxy ended: {(folder / 'haproxy.log').read_text()}")
        yield
    finally:
        process.terminate()
        process.wait(10)
