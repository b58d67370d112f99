"""`python -m bench.drill`: what Access Control costs in an organisation of 100,000 people.

A second organisation has as many: a page must not cost more for it.

CPU time of one page: the server's processes and, on PostgreSQL, the database's beside it. The exit
code is 1 when a page is not what it must be.
"""

import argparse
import asyncio
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from bench.aims import ENGINES
from bench.http import Failed
from bench.processes import cpu_seconds
from cognigy_ai.users import listing
from cognigy_ai.users.listing import Cursor, Sort
from kernel.keyring import KeyRing
from support.crowd import seed_crowd
from support.platform import ACME, PASSWORD
from support.postgres import running_postgres
from support.servers import Platform

ADMIN = "admin@drill.example"
GLOBEX = "b" * 24
PEOPLE = 100_000
TIMES = 60
WARM_UP = 5
MIDDLE = Cursor(Sort.NAME, "leslie lamport", "")

# what is measured, the query of /admin/users, and what stands on the right page
PAGES = [
    ("first page by name", "", "Ada Allen"),
    ("deep page by name", "at={middle}", "Leslie Lamport"),
    ("by e-mail, backwards", "sort=email&order=desc", "Zebedee"),
    ("by last active", "sort=active&order=desc", "Jan"),
    ("search: 700 people", "q=zebedee", "Zebedee"),
    ("search: 5,000 people", "q=leslie", "Leslie"),
    ("search: last of the order", "q=tim", "Tim"),
    ("search: everybody", "q=acme", "Ada Allen"),
    ("search: one address", "q=zebedee.allen.0@acme.example", "zebedee.allen.0@acme.example"),
    ("role: 200 people", "role=admin", "admin"),
    ("role: nearly everybody", "role=liveAgentAgent", "liveAgentAgent"),
    ("role: all of the other one", "role=odata", "Nobody was found"),
    ("disabled: 4,000 people", "state=disabled", "disabled"),
    ("no password: 3,000 people", "state=invited", "no password yet"),
    ("search, role and state", "q=ada&role=liveAgentAgent&state=active", "Ada"),
    ("30,000 and 30,000: nobody", "q=south&role=userManager", "Nobody was found"),
    ("nobody", "q=nobodyhasthisname", "Nobody was found"),
]


@dataclass(frozen=True)
class Drill:
    """A running platform with a crowd, and an administrator's browser."""

    platform: Platform
    database_pid: int | None
    browser: httpx.Client

    def measure(self, query: str, expected: str, times: int) -> tuple[float, float, float]:
        """CPU ms of the server and of the database, and elapsed ms, of one page."""
        middle = listing.seal_cursor(KeyRing(self.platform.environment["SECRET_KEY_BASE"]), MIDDLE)
        address = f"/admin/users?{query.format(middle=middle)}"
        for _ in range(WARM_UP):
            page = self.browser.get(address)
            if page.status_code != httpx.codes.OK or expected not in page.text:
                raise Failed(f"{address}: {page.status_code}, without {expected!r}")
        server = [one.pid for one in self.platform.servers]
        database = [] if self.database_pid is None else [self.database_pid]
        before = cpu_seconds(server), cpu_seconds(database)
        began = time.perf_counter()
        for _ in range(times):
            self.browser.get(address)
        elapsed = time.perf_counter() - began
        used = cpu_seconds(server) - before[0], cpu_seconds(database) - before[1]
        return used[0] * 1000 / times, used[1] * 1000 / times, elapsed * 1000 / times


@contextmanager
def running_drill(engine: str, people: int) -> Iterator[Drill]:
    """Fresh, migrated, seeded and served, until the block is left."""
    folder = Path(tempfile.mkdtemp(prefix="drill-"))
    try:
        with database_of(engine, folder, "cognigy_ai") as (url, database_pid):
            platform = Platform(url, folder)
            platform.run("database", "upgrade")
            platform.apply(
                organisations=[{"id": ACME, "name": "Acme"}, {"id": GLOBEX, "name": "Globex"}],
                users=[
                    {
                        "email": ADMIN,
                        "organisation": ACME,
                        "name": "Drill Admin",
                        "roles": ["admin"],
                        "password": PASSWORD,
                    }
                ],
            )
            for organisation in (ACME, GLOBEX):
                asyncio.run(seed_crowd(url, people, organisation))
            with platform.running(), httpx.Client(base_url=platform.url, timeout=60) as browser:
                _sign_in(browser)
                yield Drill(platform, database_pid, browser)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database_of(engine: str, folder: Path, name: str) -> Iterator[tuple[str, int | None]]:
    """Its address, and the process id of PostgreSQL."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/{name}.db", None
        return
    with running_postgres(durable=True) as server:
        yield server.create_database(name), server.pid


def _sign_in(browser: httpx.Client) -> None:
    page = browser.get("/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    if token is None:
        raise Failed("the login page has no form")
    fields = {"csrf_token": token[1], "email": ADMIN, "password": PASSWORD}
    answer = browser.post("/login", data=fields)
    if answer.status_code != httpx.codes.SEE_OTHER:
        raise Failed(f"the administrator cannot sign in: {answer.status_code}")


def main() -> int:
    """Both engines one after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench.drill", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, nargs="+", default=list(ENGINES))
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--times", type=int, default=TIMES, help="of each page")
    options = parser.parse_args()
    console = Console()
    for engine in options.engine:
        table = Table(title=f"{engine}: {options.people:,} people in each of two organisations")
        table.add_column("page of 50")
        for head in ("server CPU ms", "database CPU ms", "elapsed ms"):
            table.add_column(head, justify="right")
        began = time.perf_counter()
        try:
            with running_drill(engine, options.people) as drill:
                console.print(
                    f"{engine}: seeded in {time.perf_counter() - began:.0f} s", style="dim"
                )
                for name, query, expected in PAGES:
                    costs = drill.measure(query, expected, options.times)
                    table.add_row(name, *(f"{cost:.1f}" for cost in costs))
        except Failed as error:
            console.print(f"{engine}: {error}", style="red", markup=False)
            return 1
        console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
