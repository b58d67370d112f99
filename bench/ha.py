"""`python -m bench.ha`: people log in while replicas, PostgreSQL and Valkey go away and come back.

Two replicas of each system behind HAProxy (`apt-get install haproxy`), one durable PostgreSQL, one
Valkey. Zero wrong outcomes are allowed: nobody without a role gets in, and no session is lost that
was handed out. A login may fail and be begun anew; how often is printed. Exit code 1 otherwise.
"""

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
from rich.console import Console
from rich.table import Table

from bench.next_version import install_next_version
from bench.proxy import haproxy
from support.postgres import Server as Postgres
from support.postgres import free_port, running_postgres
from support.servers import CommandFailed, Pair, Server, System, pair_of
from support.valkey import Valkey
from support.visitor import Visitor

ORGANISATION = "5f1e0a2b3c4d5e6f7a8b9c0d"
PASSWORD = "nine old bridges over a river"
AGENT, STRANGER = "agent@acme.example", "stranger@acme.example"
EVERY_STRANGER = 10  # one login in ten is of somebody without a role
MOST_ATTEMPTS = 20
PAUSE_SECONDS = 1.0
REPLICAS = 2


@dataclass
class Outcomes:
    """What became of all logins."""

    counted: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    signed_in: list[Visitor] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    options = _options()
    if shutil.which("haproxy") is None:
        sys.stderr.write("haproxy is needed: apt-get install haproxy\n")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="ha-"))
    try:
        with running_postgres(durable=True) as postgres, _valkey(folder) as valkey:
            pair = _prepared(postgres, valkey, folder)
            with _behind_proxy(pair, folder):
                return asyncio.run(_drill(pair, postgres, valkey, options))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _drill(
    pair: Pair, postgres: Postgres, valkey: Valkey, options: argparse.Namespace
) -> int:
    outcomes, over = Outcomes(), asyncio.Event()
    flowing = asyncio.create_task(_flow(pair, options.per_minute, outcomes, over))
    events = _events(pair, postgres, valkey)
    pause = options.minutes * 60 / (len(events) + 1)
    told: list[tuple[str, str, str]] = []
    for what, act in events:
        await asyncio.sleep(pause)
        before, began = Counter(outcomes.counted), time.monotonic()
        await asyncio.to_thread(act)
        await asyncio.sleep(min(pause, 5))
        since = outcomes.counted - before
        took = f"{time.monotonic() - began:.1f}"
        told.append((what, took, f"{since['ok']} in, {since['failed attempts']} attempts failed"))
    await asyncio.sleep(pause)
    over.set()
    await flowing
    lost = await _lost(pair, outcomes.signed_in)
    _show(outcomes, told, lost)
    for visitor in outcomes.signed_in:
        await visitor.http.aclose()
    return 1 if outcomes.wrong or lost or outcomes.counted["given up"] else 0


async def _flow(pair: Pair, per_minute: int, outcomes: Outcomes, over: asyncio.Event) -> None:
    """Logins at a steady pace, whatever becomes of those before."""
    tasks, number = set(), 0
    while not over.is_set():
        number += 1
        task = asyncio.create_task(_person(pair, number, outcomes))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await asyncio.sleep(60 / per_minute)
    await asyncio.gather(*tasks)


async def _person(pair: Pair, number: int, outcomes: Outcomes) -> None:
    """One browser; what fails is begun anew, as a person would."""
    has_role = number % EVERY_STRANGER != 0
    began = time.monotonic()
    visitor = Visitor()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        try:
            page = await _log_in(pair, visitor, AGENT if has_role else STRANGER)
        except (httpx.HTTPError, LookupError) as error:
            outcomes.failures[type(error).__name__] += 1
            page = None
        came_in = page is not None and page.url.path.endswith("/dashboard")
        refused = page is not None and page.status_code == 403
        if came_in and not has_role:
            outcomes.wrong.append("somebody without a role came in")
        if refused and has_role:
            outcomes.wrong.append("an agent was told that there is no role")
        if came_in or refused:
            outcomes.counted["ok" if came_in else "refused, rightly"] += 1
            outcomes.seconds.append(time.monotonic() - began)
            outcomes.attempts.append(attempt)
            outcomes.signed_in += [visitor] if came_in else []
            return
        outcomes.counted["failed attempts"] += 1
        if page is not None:
            outcomes.failures[f"{page.status_code} {page.url.path.split('/')[1]}"] += 1
        await asyncio.sleep(PAUSE_SECONDS)
    outcomes.counted["given up"] += 1


async def _log_in(pair: Pair, visitor: Visitor, email: str) -> httpx.Response:
    page = await visitor.get(f"{pair.desk.url}/omniauth/cognigy")
    if page.status_code == 200 and page.url.path == "/login":
        page = await visitor.submit(page, email=email, password=PASSWORD)
    return page


async def _lost(pair: Pair, signed_in: list[Visitor]) -> int:
    """Sessions that were handed out and are no more."""
    lost = 0
    for visitor in signed_in:
        page = await visitor.get(f"{pair.desk.url}/")
        lost += not page.url.path.endswith("/dashboard")
    return lost


# --- what goes wrong ------------------------------------------------------------------------------


def _events(
    pair: Pair, postgres: Postgres, valkey: Valkey
) -> list[tuple[str, Callable[[], object]]]:
    def stop_and_start_valkey() -> None:
        valkey.stop()
        time.sleep(3)
        valkey.start()

    def restart_postgres() -> None:
        postgres.postmaster.stop()
        time.sleep(3)
        postgres.postmaster.start()

    def upgrade() -> None:
        """As a chart does it: the migration job, then replica after replica."""
        revisions = install_next_version(pair, pair.desk.folder)
        for system, package in ((pair.platform, "cognigy_ai"), (pair.desk, "live_agent")):
            told = system.run("database", "upgrade")
            assert revisions[package] in told, told
            for server in list(system.servers):
                server.stop()
                system.replace(server).await_ready()

    return [
        ("kill -9 of a Cognigy.AI replica, started again", lambda: _kill(pair.platform)),
        ("kill -9 of a Live Agent replica, started again", lambda: _kill(pair.desk)),
        ("PostgreSQL crashes and recovers", lambda: asyncio.run(_crash(postgres))),
        ("PostgreSQL stopped for 3 seconds", restart_postgres),
        ("Valkey stopped for 3 seconds", stop_and_start_valkey),
        ("rolling upgrade of all four replicas, with a migration", upgrade),
    ]


def _kill(system: System) -> None:
    victim: Server = system.servers[-1]
    os.kill(victim.pid, signal.SIGKILL)
    victim.process.wait()
    system.replace(victim).await_ready()


async def _crash(postgres: Postgres) -> None:
    """One backend dies of SIGKILL: PostgreSQL ends every connection and recovers from its log."""
    connection = await asyncpg.connect(postgres.url())
    os.kill(await connection.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
    connection.terminate()


# --- what it runs on ------------------------------------------------------------------------------


def _prepared(postgres: Postgres, valkey: Valkey, folder: Path) -> Pair:
    databases = [postgres.create_database(name) for name in ("cognigy_ai", "live_agent")]
    pair = pair_of(*databases, folder)
    for system in (pair.platform, pair.desk):
        system.environment |= {
            "REDIS_URL": valkey.url,
            "SHUTDOWN_DRAIN_SECONDS": "2",
            "TRUSTED_PROXIES": "127.0.0.1/32",
        }
        system.run("database", "upgrade")
    person = {"organisation": ORGANISATION, "password": PASSWORD, "email_verified": True}
    pair.platform.apply(
        organisations=[{"id": ORGANISATION, "name": "Acme"}],
        users=[
            person | {"email": AGENT, "name": "Agent", "roles": ["liveAgentAgent"]},
            person | {"email": STRANGER, "name": "Stranger", "roles": []},
        ],
    )
    pair.desk.create_account("Acme", ORGANISATION)
    return pair


@contextmanager
def _valkey(folder: Path) -> Iterator[Valkey]:
    valkey = Valkey(folder)
    valkey.start()
    try:
        yield valkey
    finally:
        valkey.stop()


@contextmanager
def _behind_proxy(pair: Pair, folder: Path) -> Iterator[None]:
    systems = (pair.platform, pair.desk)
    try:
        for system in systems:
            for _ in range(REPLICAS):
                system.start(free_port())
            for server in system.servers:
                server.await_ready()
        backends = {
            system.port: [urlsplit(server.address).netloc for server in system.servers]
            for system in systems
        }
        with haproxy(backends, folder):
            yield
    except (CommandFailed, subprocess.SubprocessError, RuntimeError):
        for system in systems:
            sys.stderr.write(system.log()[-2000:])
        raise
    finally:
        for system in systems:
            system.stop()


def _show(outcomes: Outcomes, told: list[tuple[str, str, str]], lost: int) -> None:
    console = Console() if sys.stdout.isatty() else Console(width=120)
    table = Table("what happened", "seconds", "logins meanwhile", title_justify="left")
    for row in told:
        table.add_row(*row)
    console.print(table)
    seconds = sorted(outcomes.seconds)
    first = sum(1 for attempts in outcomes.attempts if attempts == 1)
    counted = ", ".join(f"{number} {what}" for what, number in outcomes.counted.items())
    console.print(f"Logins: {len(seconds)} ended as they should ({counted}).")
    console.print(f"At the first attempt: {first}; most attempts: {max(outcomes.attempts)}.")
    if seconds:
        console.print(
            f"Seconds to the end: median {seconds[len(seconds) // 2]:.2f}, "
            f"p99 {seconds[int(len(seconds) * 0.99)]:.2f}, longest {seconds[-1]:.2f}."
        )
    console.print(f"Failed attempts by what was seen: {dict(outcomes.failures)}", markup=False)
    console.print(f"Wrong outcomes: {len(outcomes.wrong)} {sorted(set(outcomes.wrong))}")
    console.print(f"Sessions handed out: {len(outcomes.signed_in)}, lost: {lost}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.ha", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long logins flow (5)")
    parser.add_argument("--per-minute", type=int, default=200, help="logins per minute (200)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
