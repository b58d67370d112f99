"""What is measured: both systems, prepared through their command lines, one server of each."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.http import Failed
from support.postgres import running_postgres
from support.servers import Pair, pair_of

ACCOUNT = "Bench"
REDIRECT_URI = "http://127.0.0.1:9/callback"  # never connected to
SCOPE = "openid profile email organisation roles"
CLIENT_ID = "bench"
LAST_EVENTS = 3


@dataclass(frozen=True)
class Person:
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Target:
    """Running systems, and what a client of theirs knows."""

    engine: str
    pair: Pair
    people: list[Person]
    organisation: str
    account: int
    client_secret: str = field(repr=False)
    database_pid: int | None  # PostgreSQL's, which serves both systems

    @property
    def issuer(self) -> str:
        return self.pair.platform.url

    def pids(self, system: str) -> list[int]:
        """The server processes of `platform` or `desk`, or the database's."""
        if system == "database":
            return [] if self.database_pid is None else [self.database_pid]
        programs = {"platform": self.pair.platform, "desk": self.pair.desk}
        return [server.pid for server in programs[system].servers]


@contextmanager
def running_target(engine: str, people: int) -> Iterator[Target]:
    """Fresh durable databases, seeded, and both servers, until the block is left."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with _databases(engine, folder) as (platform_database, desk_database, database_pid):
            pair = pair_of(platform_database, desk_database, folder)
            for system in (pair.platform, pair.desk):
                del system.environment["DEMO_MAIL_FOLDER"]
                system.run("database", "upgrade")
            seeded = _seed(pair, people)
            with pair.running():
                try:
                    yield Target(engine, pair, *seeded, database_pid)
                except Failed as error:
                    said = [s.events()[-LAST_EVENTS:] for s in (pair.platform, pair.desk)]
                    raise Failed(f"{error}\nThe last events of both systems: {said}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _databases(engine: str, folder: Path) -> Iterator[tuple[str, str, int | None]]:
    if engine == "sqlite":
        yield f"sqlite:///{folder}/cognigy_ai.db", f"sqlite:///{folder}/live_agent.db", None
        return
    with running_postgres(durable=True) as server:
        platform_database = server.create_database("cognigy_ai")
        yield platform_database, server.create_database("live_agent"), server.pid


def _seed(pair: Pair, number: int) -> tuple[list[Person], str, int, str]:
    organisation = secrets.token_hex(12)
    client_secret = secrets.token_hex(32)
    people = [Person(f"user{i}@bench.example", secrets.token_urlsafe(18)) for i in range(number)]
    pair.platform.apply(
        organisations=[{"id": organisation, "name": ACCOUNT}],
        users=[
            {
                "email": person.email,
                "organisation": organisation,
                "name": person.email.partition("@")[0],
                "roles": ["liveAgentAgent"],
                "email_verified": True,
                "password": person.password,
            }
            for person in people
        ],
        clients=[
            {
                "client_id": CLIENT_ID,
                "name": "Benchmark",
                "secret": client_secret,
                "auth_method": "client_secret_basic",
                "redirect_uris": [REDIRECT_URI],
                "scopes": SCOPE.split(),
                "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
                "id_token_alg": "ES256",
                "consent": "implicit",
            }
        ],
    )
    account = pair.desk.create_account(ACCOUNT, organisation)
    return people, organisation, account, client_secret


def filesystem_of(folder: Path) -> str:
    """The kind of file system a folder is on: on `tmpfs` nothing is durable."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [(len(at), kind) for at, kind in mounts if folder.is_relative_to(at)]
    return max(holding)[1]
