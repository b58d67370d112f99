"""Whatever happens in whatever order: nobody acts with a right that was taken and acknowledged.

Both systems in one process; the test decides when the post goes, what is lost, what comes again.
A model beside it knows what may be true.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cognigy_ai.organisations import actions as organisations
from cognigy_ai.signals import actions as signals
from cognigy_ai.users import actions as people
from cognigy_ai.users.rules import NewUser
from kernel.db import Tx
from kernel.passwords import Passwords
from live_agent.accounts import actions as accounts
from support.both_systems import DESK, Both, both_systems
from support.clock import FrozenClock
from support.databases import Databases
from support.visitor import Visitor

ACME = "a" * 24
EMAIL = "ada@acme.example"
PASSWORD = "seven quiet lamps by the harbour"
ROLE = "liveAgentAgent"
BROWSERS = 2
CALLBACK = f"{DESK}/omniauth/cognigy/callback"
MOST_STEPS = 16  # of one login, restart and all

Change = Callable[[Tx, str, int], Awaitable[object]]
DIGEST: list[str] = []  # of PASSWORD, made once
ROLE_TAKEN, ROLE_GIVEN, DISABLED, ENABLED = "role taken", "role given", "disabled", "enabled"
TAKES: dict[str, Change] = {
    ROLE_TAKEN: lambda tx, user, now: people.remove_role(tx, user, ROLE, now),
    DISABLED: people.disable,
    "signed out everywhere": people.end_access,
    "new password": lambda tx, user, now: people.set_password(tx, user, DIGEST[0], now),
}
GIVES: dict[str, Change] = {
    ROLE_GIVEN: lambda tx, user, now: people.add_role(tx, user, ROLE, now),
    ENABLED: people.enable,
}
TOLD, LOST, AGAIN, BACKWARDS = "told", "lost", "all told again", "all told again, backwards"
DEEDS = st.one_of(
    st.sampled_from([*TAKES, *GIVES]),
    st.sampled_from([TOLD, TOLD, LOST, AGAIN, BACKWARDS]),
    st.tuples(st.integers(0, BROWSERS - 1), st.sampled_from(["", "", *TAKES])),  # logins
)
Deed = str | tuple[int, str]


@dataclass
class World:
    """The two systems, the browsers, and the model."""

    both: Both
    user: str
    dashboard: str
    browsers: list[Visitor]
    # What was taken since the browser came in: the signals that tell of it.
    taken: list[list[frozenset[str]]] = field(default_factory=lambda: [[] for _ in range(BROWSERS)])
    role_taken: list[frozenset[str]] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    has_role: bool = True
    is_enabled: bool = True

    @property
    def now(self) -> int:
        return self.both.clock.now()

    async def is_in(self, number: int) -> bool:
        answer = await self.browsers[number].get(self.dashboard, follow=False)
        return answer.status_code == 200

    async def who_is_in(self) -> list[bool]:
        return [await self.is_in(number) for number in range(BROWSERS)]

    async def signals(self, state: str = "") -> set[str]:
        return {s.id for s in await signals.list_(self.both.platform_database, state=state)}

    async def check(self) -> None:
        """The property itself."""
        delivered = await self.signals("delivered")
        for number, inside in enumerate(await self.who_is_in()):
            ended = [taken for taken in self.taken[number] if taken <= delivered]
            assert not (inside and ended), f"browser {number} acts with a right that was taken"

    async def do(self, deed: Deed) -> None:
        if isinstance(deed, tuple):
            await self.log_in(*deed)
        elif deed in TAKES:
            await self.take(deed)
        elif deed in GIVES:
            await self.give(deed)
        elif deed in (TOLD, LOST):
            await self.send(lost=deed == LOST)
        else:
            await self.send_again(backwards=deed == BACKWARDS)
        await self.check()

    async def take(self, deed: str) -> None:
        new = await self.change(TAKES[deed])
        self.has_role &= deed != ROLE_TAKEN
        self.is_enabled &= deed != DISABLED
        if new:
            for taken in self.taken:
                taken.append(new)
            if deed == ROLE_TAKEN:
                self.role_taken.append(new)

    async def give(self, deed: str) -> None:
        await self.change(GIVES[deed])
        self.has_role |= deed == ROLE_GIVEN
        self.is_enabled |= deed == ENABLED
        if deed == ROLE_GIVEN:  # what is told from now on says that the role is there
            waiting = await self.signals("waiting")
            void = [taken for taken in self.role_taken if taken <= waiting]
            self.taken = [[one for one in taken if one not in void] for taken in self.taken]

    async def change(self, change: Change) -> frozenset[str]:
        """The ids of the signals that tell of it."""
        before = await self.signals()
        async with self.both.platform_database.transaction() as tx:
            await change(tx, self.user, self.now)
        return frozenset(await self.signals() - before)

    async def send(self, *, lost: bool = False) -> None:
        """The post goes; what was lost before is due again."""
        post = self.both.post
        post.lost = lost
        self.both.clock.advance(61)
        heard = len(post.tokens)
        await self.both.platform.state.signals.send_due()
        if not lost:
            self.acknowledged += post.tokens[heard:]
            assert await self.signals("waiting") == set()

    async def send_again(self, *, backwards: bool) -> None:
        """Whoever kept the tokens sends them once more, in whatever order: nothing changes."""
        before = await self.who_is_in()
        for token in reversed(self.acknowledged) if backwards else self.acknowledged:
            assert (await self.both.post.deliver(token)).status_code == 202
        assert await self.who_is_in() == before

    async def log_in(self, number: int, overtaken_by: str) -> None:
        """`overtaken_by`: taken, and told, while the code is on its way to the desk."""
        if await self.is_in(number):
            return
        visitor = self.browsers[number]
        answer = await visitor.get(f"{DESK}/omniauth/cognigy", follow=False)
        passwords, overtaken = 0, False
        for _ in range(MOST_STEPS):
            if answer.next_request is not None:
                url = str(answer.next_request.url)
                if overtaken_by and url.startswith(CALLBACK):
                    await self.take(overtaken_by)
                    await self.send()
                    overtaken_by, overtaken = "", True
                answer = await visitor.get(url, follow=False)
            elif 'name="password"' in answer.text and self.is_enabled and passwords < 2:
                passwords += 1
                answer = await visitor.submit(answer, follow=False, email=EMAIL, password=PASSWORD)
            else:
                break
        came_in = await self.is_in(number)
        may = self.has_role and self.is_enabled
        # Overtaken by something that ends no right, a login starts again or says why it does not.
        assert came_in <= may if overtaken else came_in == may, answer.text
        if came_in:
            self.taken[number] = []


@pytest.fixture(scope="module")
def templates(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, str, int]:
    """Both databases with Acme, Ada and the signing keys; each example gets copies."""
    databases: Databases = request.getfixturevalue("_all_databases")
    urls = [databases.fresh("sqlite", name) for name in ("cognigy_ai", "live_agent")]

    async def seed() -> tuple[str, int]:
        DIGEST[:] = [await Passwords().digest(PASSWORD)]
        async with both_systems(urls[0], urls[1], FrozenClock()) as both:
            now = both.clock.now()
            async with both.platform_database.transaction() as tx:
                await organisations.create(tx, "Acme", now, ACME)
                new = NewUser(
                    ACME, EMAIL, "Ada", (ROLE,), email_verified=True, password_digest=DIGEST[0]
                )
                user = await people.create(tx, new, now)
            async with both.desk_database.transaction() as tx:
                return user, (await accounts.create(tx, "Acme", ACME, now)).id

    user, account = asyncio.run(seed())
    platform, desk = (Path(url.removeprefix("sqlite:///")) for url in urls)
    return platform, desk, user, account


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(deeds=st.lists(DEEDS, min_size=5, max_size=12))
@example(deeds=[(0, ""), (1, ""), ROLE_TAKEN, LOST, ROLE_GIVEN, TOLD, ROLE_TAKEN, TOLD, BACKWARDS])
@example(deeds=[(0, ""), DISABLED, TOLD, ENABLED, (0, ""), BACKWARDS, (1, ""), TOLD, AGAIN])
@example(deeds=[ROLE_TAKEN, TOLD, ROLE_GIVEN, TOLD, (0, ""), BACKWARDS, (1, ""), AGAIN])
@example(deeds=[(0, DISABLED), ENABLED, (0, ROLE_TAKEN), ROLE_GIVEN, (0, "new password"), AGAIN])
def test_nobody_acts_with_a_right_that_was_taken_and_acknowledged(
    templates: tuple[Path, Path, str, int],
    tmp_path_factory: pytest.TempPathFactory,
    deeds: list[Deed],
) -> None:
    """Lessons 33, 36 and 41."""
    platform, desk, user, account = templates
    folder = tmp_path_factory.mktemp("example")
    for source in (platform, desk):
        shutil.copyfile(source, folder / source.name)
    urls = [f"sqlite:///{folder / source.name}" for source in (platform, desk)]

    async def run() -> None:
        async with both_systems(urls[0], urls[1], FrozenClock()) as both, AsyncExitStack() as stack:
            browsers = [both.visitor() for _ in range(BROWSERS)]
            for browser in browsers:
                await stack.enter_async_context(browser)
            world = World(both, user, f"{DESK}/app/accounts/{account}/dashboard", browsers)
            for deed in deeds:
                await world.do(deed)
            await world.send()
            await world.check()

    asyncio.run(run())
    shutil.rmtree(folder)
