"""Programs of ours that a test starts: a command line, and server processes on loopback.

Start servers in the main thread: a server ends with the thread that started it.
"""

import contextlib
import ctypes
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from support.postgres import free_port

START_SECONDS = 60
STOP_SECONDS = 25
LAST_LINES = 25
# What a program needs of the caller's environment; a stray DATABASE_URL must not reach it.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
PR_SET_PDEATHSIG = 1


class CommandFailed(Exception):  # noqa: N818 - what happened
    """A command line ended with another exit code than 0."""

    def __init__(self, command: Sequence[str], code: int, said: str) -> None:
        super().__init__(f"`{' '.join(command)}` ended with {code}:\n{said}")
        self.code = code
        self.said = said


@dataclass
class Server:
    """One server process. `address` is its own socket, whatever its system's public address is."""

    process: "subprocess.Popen[bytes]"
    address: str
    log_file: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_ready(self) -> bool:
        """Whether it answers; raises RuntimeError if it has ended."""
        if self.process.poll() is not None:
            lines = "\n".join(self.log().splitlines()[-LAST_LINES:])
            raise RuntimeError(f"the server ended with {self.process.returncode}:\n{lines}")
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=5)
        try:
            connection.request("GET", "/health/readiness")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"no answer after {START_SECONDS} s:\n{self.log()[-3000:]}")
            time.sleep(0.02)

    def log(self) -> str:
        """Everything it has said so far."""
        return self.log_file.read_text(errors="replace")

    def ask_to_stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it; what it was doing is finished first."""
        self.ask_to_stop()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class System:
    """One of the two: its environment, its command line, its servers.

    `environment` may be changed until a server starts: that is how a test breaks a setting.
    """

    command: ClassVar[str]

    def __init__(self, database_url: str, folder: Path, port: int, environment: dict[str, str]):
        self.folder = folder
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.servers: list[Server] = []
        self._launched = 0
        self.environment = _inherited() | {
            "DATABASE_URL": database_url,
            "DEVELOPMENT_MODE": "true",
            "SHUTDOWN_DRAIN_SECONDS": "0",
            "DEMO_MAIL_FOLDER": str(folder / "mail"),
            "SECRET_KEY_BASE": secrets.token_hex(48),
            **environment,
        }
        self.mail_folder.mkdir(exist_ok=True)

    @property
    def mail_folder(self) -> Path:
        return self.folder / "mail"

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run the command line; its standard output, or CommandFailed."""
        done = subprocess.run(
            [_program(self.command), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.folder,
            check=False,
        )
        if done.returncode != 0:
            said = done.stderr.strip() or done.stdout.strip()
            raise CommandFailed((self.command, *arguments), done.returncode, said)
        return done.stdout

    def run_json(self, *arguments: str, stdin: str = "") -> Any:
        return json.loads(self.run(*arguments, "--json", stdin=stdin))

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start the command line and let it run beside the test."""
        return subprocess.Popen(
            [_program(self.command), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
            cwd=self.folder,
        )

    def start(self, port: int = 0) -> Server:
        """Start one more server process, without waiting for it: see `Server.await_ready`.

        The first one listens at the system's public address unless a port is given.
        """
        server = self._launch(port or (free_port() if self.servers else self.port))
        self.servers.append(server)
        return server

    def replace(self, ended: Server) -> Server:
        """Start another process where one listened that has ended, without waiting for it."""
        server = self._launch(urlsplit(ended.address).port or self.port)
        self.servers[self.servers.index(ended)] = server
        return server

    def _launch(self, port: int) -> Server:
        self._launched += 1
        log_file = self.folder / f"{self.command}-{self._launched}.log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [_program(self.command), "serve"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment | {"PORT": str(port)},
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for the tests, which then end their servers
                preexec_fn=_end_with_parent(),
            )
        return Server(process, f"http://127.0.0.1:{port}", log_file)

    def stop(self) -> None:
        """End all its servers."""
        for server in self.servers:
            server.ask_to_stop()
        while self.servers:
            self.servers.pop().stop()

    @contextlib.contextmanager
    def running(self, replicas: int = 1) -> Iterator[None]:
        """Servers that answer, until the block is left."""
        with running(self, replicas=replicas):
            yield

    def log(self) -> str:
        """What all its servers have said."""
        return "".join(server.log() for server in self.servers)

    def events(self, name: str = "") -> list[dict[str, Any]]:
        """The events in the log, or those with that name (`request.refused`)."""
        found = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [event for event in found if name in ("", event.get("event"))]


@contextlib.contextmanager
def running(*systems: System, replicas: int = 1) -> Iterator[None]:
    """Start one system after the other, each when the one before answers; end them at the end."""
    try:
        for system in systems:
            started = [system.start() for _ in range(replicas)]
            for server in started:
                server.await_ready()
        yield
    finally:
        for system in systems:
            for server in system.servers:
                server.ask_to_stop()
        for system in systems:
            if "PYTEST_CURRENT_TEST" in os.environ:
                sys.stdout.write(system.log())  # pytest shows it where a test failed
            system.stop()


def _program(command: str) -> Path:
    """As people start it: the command that is installed beside this Python."""
    return Path(sys.executable).with_name(command)


def _inherited() -> dict[str, str]:
    return {key: os.environ[key] for key in INHERITED if key in os.environ}


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux: a server whose starter was killed gets SIGTERM."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
