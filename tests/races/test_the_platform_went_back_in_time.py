"""The platform is restored from last night's backup, and the desk remembers what came after it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cognigy_ai.cli.commands import cli
from cognigy_ai.db.features import metadata
from cognigy_ai.organisations import actions as organisations
from cognigy_ai.users import actions as people
from cognigy_ai.users.rules import NewUser
from kernel.passwords import Passwords
from live_agent.accounts import actions as accounts
from support.both_systems import DESK, SECRET, SECRET_KEY_BASE, Both, both_systems
from support.clock import FrozenClock
from support.command_line import CommandLine
from support.databases import Databases
from support.visitor import Visitor

ACME = "a" * 24
EMAIL = "ana@acme.example"
PASSWORD = "seven quiet lamps by the harbour"
ROLE = "liveAgentAgent"


@dataclass
class Scene:
    """Both systems, one person of Acme, and the platform's command line."""

    both: Both
    user: str
    dashboard: str
    operator: CommandLine

    async def run(self, *arguments: str) -> str:
        return await asyncio.to_thread(self.operator.run, *arguments)

    async def send(self) -> None:
        self.both.clock.advance(1)
        await self.both.platform.state.signals.send_due()

    async def take_and_give_the_role(self) -> None:
        """Two revisions, both of which the desk hears of."""
        for change in (people.remove_role, people.add_role):
            async with self.both.platform_database.transaction() as tx:
                await change(tx, self.user, ROLE, self.both.clock.now())
            await self.send()

    async def log_in(self, visitor: Visitor) -> bool:
        page = await visitor.get(f"{DESK}/omniauth/cognigy")
        if 'name="password"' in page.text:
            page = await visitor.submit(page, email=EMAIL, password=PASSWORD)
        return await self.is_in(visitor)

    async def is_in(self, visitor: Visitor) -> bool:
        return (await visitor.get(self.dashboard, follow=False)).status_code == 200

    async def forget_everything(self) -> None:
        """The database is lost."""
        async with self.both.platform_database.transaction() as tx:
            for table in reversed(metadata().sorted_tables):
                await tx.one(table.delete())


@asynccontextmanager
async def scene_on(engine: str, databases: Databases) -> AsyncIterator[Scene]:
    urls = [databases.fresh(engine, name) for name in ("cognigy_ai", "live_agent")]
    digest = await Passwords().digest(PASSWORD)
    operator = CommandLine(
        lambda arguments: cli(arguments, standalone_mode=True),
        {
            "DATABASE_URL": urls[0],
            "BACKEND_BASE_URL_WITH_PROTOCOL": "http://localhost:8000",
            "DEVELOPMENT_MODE": "true",
            "SECRET_KEY_BASE": SECRET_KEY_BASE,
            "CLIENT_SECRET_COGNIGY_LIVE_AGENT": SECRET,
        },
    )
    async with both_systems(urls[0], urls[1], FrozenClock()) as both:
        now = both.clock.now()
        async with both.platform_database.transaction() as tx:
            await organisations.create(tx, "Acme", now, ACME)
            new = NewUser(ACME, EMAIL, "Ana", (ROLE,), email_verified=True, password_digest=digest)
            user = await people.create(tx, new, now)
        async with both.desk_database.transaction() as tx:
            account = (await accounts.create(tx, "Acme", ACME, now)).id
        yield Scene(both, user, f"{DESK}/app/accounts/{account}/dashboard", operator)


async def restored(scene: Scene, backup: Path) -> None:
    await scene.run("restore", str(backup))


async def put_back_with_other_tools(scene: Scene, backup: Path) -> None:
    """As if `pg_dump` had made the rows: what `restore` does at its end is undone, then made up."""
    await scene.run("restore", str(backup))
    users = metadata().tables["users"]
    async with scene.both.platform_database.transaction() as tx:
        await tx.one(users.update().values(access_revision=1))
    await scene.run("database", "after-restore")


@pytest.mark.parametrize("put_back", [restored, put_back_with_other_tools])
async def test_taken_access_ends_and_people_get_in_after_the_platform_went_back_in_time(
    engine: str,
    databases: Databases,
    tmp_path: Path,
    put_back: Callable[[Scene, Path], Awaitable[None]],
):
    backup = tmp_path / "platform.backup"
    async with scene_on(engine, databases) as scene, scene.both.visitor() as ana:
        await scene.run("backup", str(backup))
        for _ in range(3):
            await scene.take_and_give_the_role()
        assert await scene.log_in(ana), "of a revision that the backup does not know"
        await scene.forget_everything()
        await put_back(scene, backup)
        async with scene.both.visitor() as again:
            assert await scene.log_in(again), "nobody is told that their access has ended"
            async with scene.both.platform_database.transaction() as tx:
                await people.remove_role(tx, scene.user, ROLE, scene.both.clock.now())
            await scene.send()
            assert not await scene.is_in(again)
            assert not await scene.is_in(ana)
            assert not await scene.log_in(again)
