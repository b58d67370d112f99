"""`make up`, as somebody does it who has just cloned the repository."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.postgres import free_port
from support.visitor import Visitor

ROOT = Path(__file__).parents[1]
READY = "Ctrl-C stops both systems."
START_SECONDS = 180  # a dozen command lines, beside other tests and measured


class Up:
    """One `make up`: what it printed, what it wrote."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path, output: Path) -> None:
        self.process = process
        self.folder = folder
        self._output = output

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def description(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())
        return found

    def await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while READY not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def press_ctrl_c(self) -> int:
        """As a terminal does it: the signal goes to every process of the foreground."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def up(folder: Path, **environment: str) -> Iterator[Up]:
    """What `make up` starts, in a process group of its own."""
    output = folder.parent / "output"
    kept = {k: v for k, v in os.environ.items() if k != "DEMO_PASSWORD"}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo.up"],
            cwd=ROOT,
            env=kept | {"DEMO_FOLDER": str(folder)} | environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield Up(process, folder, output)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


@pytest.fixture
def ports() -> dict[str, str]:
    return {"COGNIGY_AI_PORT": str(free_port()), "LIVE_AGENT_PORT": str(free_port())}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def answers(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


async def sign_in(visitor: Visitor, demo: dict[str, Any], email: str) -> httpx.Response:
    password = next(p["password"] for p in demo["people"] if p["email"] == email)
    page = await visitor.get(demo["live_agent"] + "/omniauth/cognigy")
    return await visitor.submit(page, email=email, password=password)


async def what_happened_is_shown(demo: dict[str, Any]) -> None:
    """Sessions of others, old users, and a conflict, of which a signal tells Live Agent."""
    admin = Visitor()
    await sign_in(admin, demo, "admin@acme.example")
    settings = f"{demo['live_agent']}/app/accounts/{demo['accounts']['Acme']}/settings"
    assert "Firefox on macOS" in (await admin.get(f"{settings}/sessions")).text
    assert "Yuki Tanaka" in (await admin.get(f"{settings}/agents")).text
    deadline = time.monotonic() + START_SECONDS
    while "nina@acme.example" not in (await admin.get(f"{settings}/conflicts")).text:
        assert time.monotonic() < deadline, "no conflict"
        await asyncio.sleep(0.2)
    await admin.http.aclose()


def test_make_up_is_the_program_that_is_tested_here():
    dry = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--always-make", "up"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert re.fullmatch(r"exec \S*python -m demo\.up", dry.stdout.splitlines()[-1])


async def test_one_command_starts_everything_and_ctrl_c_ends_it(
    tmp_path: Path, ports: dict[str, str]
):
    folder = tmp_path / ".demo"
    visitor = Visitor()
    with up(folder, **ports) as first:
        first.await_ready()
        demo = first.description

        assert (folder / "demo.json").stat().st_mode & 0o777 == 0o600
        assert (folder / "live-agent.env").stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
        password = demo["people"][0]["password"]
        assert re.fullmatch(r"[a-z]+-[a-z]+-[a-z]+", password)
        assert password in first.output
        for person in demo["people"]:
            assert person["email"] in first.output
        for key in ("client_secret", "platform_token"):
            assert demo[key] not in first.output
        assert (
            demo["issuer"] == demo["cognigy_ai"] == f"http://localhost:{ports['COGNIGY_AI_PORT']}"
        )

        page = await sign_in(visitor, demo, "agent@acme.example")
        account = demo["accounts"]["Acme"]
        assert str(page.url) == f"{demo['live_agent']}/app/accounts/{account}/dashboard"
        assert "Alex Agent" in page.text
        await what_happened_is_shown(demo)

        assert first.press_ctrl_c() == 0
        assert "Stopped." in first.output
        assert "Traceback" not in first.output
        assert not any(is_alive(pid) for pid in demo["processes"].values())
        assert not any(answers(port) for port in ports.values())
        assert first.description["processes"] == {}

    with up(folder, **ports) as second:
        second.await_ready()
        assert second.description["client_secret"] == demo["client_secret"]
        assert second.description["people"] == demo["people"]
        again = await visitor.get(demo["live_agent"] + "/")
        assert "Alex Agent" in again.text, "the session of the first start is kept"
        assert second.press_ctrl_c() == 0
    await visitor.http.aclose()


def test_a_port_that_is_taken_is_said_with_the_way_out(tmp_path: Path, ports: dict[str, str]):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(ports["LIVE_AGENT_PORT"])))
        other.listen()
        with up(tmp_path / ".demo", **ports) as demo:
            assert demo.process.wait(30) == 1
            assert f"Port {ports['LIVE_AGENT_PORT']} is taken" in demo.output
            assert "LIVE_AGENT_PORT=" in demo.output
            assert "Traceback" not in demo.output
