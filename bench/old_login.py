"""`python -m bench.old_login`: how long /old-login takes to refuse, by what an address stands for.

Whoever guesses must not learn from the clock whether an address is unknown, moved, disabled or held
by an old digest. Each attempt has an address and a network of its own, so that no lock is measured.
The exit code is 1 when an answer is not the refusal.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bcrypt
import httpx
from rich.console import Console
from rich.table import Table

from bench.aims import ENGINES
from bench.drill import database_of
from bench.http import Failed
from kernel.db import Tx, open_database
from kernel.passwords import Passwords
from live_agent.agents import actions as agents
from live_agent.agents.actions import Identity, OldUser
from support.servers import Desk
from support.visitor import form_with

KINDS = ("unknown", "wrong password", "moved", "disabled", "bcrypt", "not confirmed")
RIGHT, WRONG = "copper-lantern-meadow-17", "a wrong password for everybody"
ISSUER = "https://api.example.com"
NOW = 1_790_000_000
TIMES = 30


@contextmanager
def running_desk(engine: str, times: int) -> Iterator[Desk]:
    """Fresh, migrated, with `times` people of each kind, and served, until the block is left."""
    folder = Path(tempfile.mkdtemp(prefix="old-login-"))
    try:
        with database_of(engine, folder, "live_agent") as (url, _):
            provider = {
                "COGNIGY_OAUTH_SITE": "http://127.0.0.1:9",  # nobody logs in by it here
                "COGNIGY_OAUTH_CLIENT_SECRET": "a-client-secret-of-the-drill-1",
                "TRUSTED_PROXIES": "127.0.0.1",
            }
            desk = Desk(url, folder, **provider)
            desk.run("database", "upgrade")
            account = desk.create_account("Acme")
            asyncio.run(_seed(url, account, times))
            with desk.running():
                yield desk
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _seed(url: str, account: int, times: int) -> None:
    digest = await Passwords().digest(RIGHT)
    old = bcrypt.hashpw(RIGHT.encode(), bcrypt.gensalt(11)).decode()
    database = await open_database(url)
    async with database.transaction() as tx:
        for kind in KINDS[1:]:
            for number in range(times):
                await _add(tx, account, kind, address(kind, number), (old, digest))
    await database.close()


async def _add(tx: Tx, account: int, kind: str, email: str, digests: tuple[str, str]) -> None:
    if kind == "moved":
        identity = Identity(ISSUER, f"sub-{email}", email, "Old User", "en", ("agent",), 1)
        await agents.create_linked(tx, account, identity, NOW)
        return
    held = digests[0 if kind == "bcrypt" else 1]
    new = OldUser(account, email, "Old User", ("agent",), held, confirmed=kind != "not confirmed")
    user_id = await agents.create_old(tx, new, NOW)
    if kind == "disabled":
        await agents.disable(tx, account, user_id, NOW)


def address(kind: str, number: int) -> str:
    return f"{kind.replace(' ', '.')}.{number}@acme.example"


def refusals(desk: Desk, kind: str, times: int) -> list[float]:
    """Milliseconds of each attempt with a wrong password."""
    found = []
    for number in range(times):
        network = f"10.{KINDS.index(kind)}.{number}.7"
        with httpx.Client(
            base_url=desk.url, timeout=60, headers={"x-forwarded-for": network}
        ) as browser:
            form = form_with(browser.get("/old-login"), "password")
            fields = form.fields | {"email": address(kind, number), "password": WRONG}
            began = time.perf_counter()
            answer = browser.post(form.action, data=fields, headers={"origin": desk.url})
            found.append((time.perf_counter() - began) * 1000)
            if answer.status_code != httpx.codes.FORBIDDEN:
                raise Failed(f"{kind}: {answer.status_code}")
    return found


def main() -> int:
    """Both engines one after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench.old_login", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, nargs="+", default=list(ENGINES))
    parser.add_argument("--times", type=int, default=TIMES, help="attempts of each kind")
    options = parser.parse_args()
    console = Console()
    for engine in options.engine:
        table = Table(title=f"{engine}: /old-login refuses, {options.times} attempts of each kind")
        table.add_column("what stands behind the address")
        for head in ("fastest ms", "median ms", "slowest ms", "spread ms"):
            table.add_column(head, justify="right")
        try:
            with running_desk(engine, options.times) as desk:
                for kind in KINDS:
                    took = sorted(refusals(desk, kind, options.times))
                    numbers = (took[0], statistics.median(took), took[-1], statistics.pstdev(took))
                    table.add_row(kind, *(f"{number:.1f}" for number in numbers))
        except Failed as error:
            console.print(f"{engine}: {error}", style="red", markup=False)
            return 1
        console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
