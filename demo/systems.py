"""The two systems as programs: their environment, their command lines, their servers."""

import contextlib
import ctypes
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.data import Demo, DemoError

CLIENT_ID = "cognigy-live-agent"
START_SECONDS = 60
STOP_SECONDS = 25
LAST_LINES = 15
# What a program needs of the caller's environment; a stray DATABASE_URL must not reach the demo.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LOG_LEVEL", "SUPPORT_URL")
PR_SET_PDEATHSIG = 1


@dataclass
class System:
    """One of the two, as it is started here."""

    title: str
    command: str  # its command line, installed beside this Python
    port: int
    port_key: str
    environment: dict[str, str] = field(repr=False)
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def settings(self) -> str:
        """Its environment less what is the caller's, for `--env` and for a shell."""
        own = {k: v for k, v in self.environment.items() if k not in INHERITED}
        return "".join(f"{key}={shlex.quote(value)}\n" for key, value in own.items())

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run the command line; its standard output, or a DemoError with what it said."""
        program = Path(sys.executable).with_name(self.command)
        done = subprocess.run(
            [program, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            start_new_session=True,  # Ctrl-C does not tear a step of the preparation apart
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise DemoError(f"`{self.command} {' '.join(arguments)}` failed:\n{said}")
        return done.stdout

    def run_json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def start(self) -> None:
        program = Path(sys.executable).with_name(self.command)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, "serve"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
                start_new_session=True,  # Ctrl-C reaches this program alone, which then ends both
                preexec_fn=_end_with_parent(),
            )

    def is_ready(self) -> bool:
        """Whether it answers; raises DemoError if it has ended."""
        self.check_running()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health/readiness")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def check_running(self) -> None:
        assert self.process is not None
        code = self.process.poll()
        if code is not None:
            lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            last = "\n".join(f"  {line}" for line in lines)
            raise DemoError(f"{self.title} has ended (exit code {code}). Its last lines:\n{last}")

    def check_port_free(self) -> None:
        """Nobody may listen there, on either of the addresses that `localhost` stands for."""
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with contextlib.suppress(OSError), socket.socket(family) as probe:
                probe.settimeout(1)
                if probe.connect_ex((address, self.port)) == 0:
                    raise DemoError(
                        f"Port {self.port} is taken: another program listens there. "
                        f"Stop it, or choose another port for {self.title}: "
                        f"{self.port_key}={self.port + 100} make up"
                    )

    def end(self) -> None:
        """Ask it to stop; a server that was asked finishes what is under way."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def await_end(self) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def cognigy_ai(demo: Demo) -> System:
    environment = _common(demo, "cognigy_ai", demo.cognigy_ai_port) | {
        "BACKEND_BASE_URL_WITH_PROTOCOL": demo.cognigy_ai_url,
        "FEATURE_USE_COGNIGY_LIVE_AGENT": "true",
        "CLIENT_ID_COGNIGY_LIVE_AGENT": CLIENT_ID,
        "CLIENT_SECRET_COGNIGY_LIVE_AGENT": demo.secrets["client_secret"],
        "REDIRECT_URI_COGNIGY_LIVE_AGENT": f"{demo.live_agent_url}/omniauth/cognigy/callback",
        "COGNIGY_LIVE_AGENT_UI_BASE_URL_WITH_PROTOCOL": demo.live_agent_url,
        "COGNIGY_LIVE_AGENT_PLATFORM_TOKEN": demo.secrets["platform_token"],
        "MAILER_SENDER_EMAIL": "Cognigy.AI <no-reply@cognigy-ai.example>",
    }
    log = demo.folder / "logs" / "cognigy-ai.log"
    port = demo.cognigy_ai_port
    return System("Cognigy.AI", "cognigy-ai", port, "COGNIGY_AI_PORT", environment, log)


def live_agent(demo: Demo) -> System:
    environment = _common(demo, "live_agent", demo.live_agent_port) | {
        "FRONTEND_URL": demo.live_agent_url,
        "COGNIGY_OAUTH_CLIENT_ID": CLIENT_ID,
        "COGNIGY_OAUTH_CLIENT_SECRET": demo.secrets["client_secret"],
        "COGNIGY_OAUTH_SITE": demo.cognigy_ai_url,
        "COGNIGY_OAUTH_AUTHORIZE_URL": f"{demo.cognigy_ai_url}/login?cognigy-live-agent=true",
        "COGNIGY_OAUTH_TOKEN_URL": f"{demo.cognigy_ai_url}/auth/oauth2/token",
        "COGNIGY_AI_UI_BASE_URL_WITH_PROTOCOL": demo.cognigy_ai_url,
        "COGNIGY_PLATFORM_APP_TOKEN": demo.secrets["platform_token"],
        "MAILER_SENDER_EMAIL": "Live Agent <no-reply@live-agent.example>",
    }
    log = demo.folder / "logs" / "live-agent.log"
    port = demo.live_agent_port
    return System("Live Agent", "live-agent", port, "LIVE_AGENT_PORT", environment, log)


def _common(demo: Demo, name: str, port: int) -> dict[str, str]:
    inherited = {key: os.environ[key] for key in INHERITED if key in os.environ}
    measured = {key: value for key, value in os.environ.items() if key.startswith("COVERAGE_")}
    return {
        **inherited,
        **measured,
        "PORT": str(port),
        "LISTEN_ADDRESS": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{demo.data / name}.db",
        "SECRET_KEY_BASE": demo.secrets[f"{name}_secret_key_base"],
        "DEVELOPMENT_MODE": "true",
        "SHUTDOWN_DRAIN_SECONDS": "0",
        "DEMO_MAIL_FOLDER": str(demo.mail),
    }


def await_ready(systems: list[System], stop: threading.Event) -> bool:
    """Wait until all answer; False when stopped before. DemoError if one ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    for system in systems:
        while not system.is_ready():
            if stop.wait(0.1):
                return False
            if time.monotonic() > deadline:
                raise DemoError(
                    f"{system.title} does not answer after {START_SECONDS} s. See {system.log}."
                )
    return not stop.is_set()


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux: a server whose starter was killed gets SIGTERM, so no port stays taken."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
