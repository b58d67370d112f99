"""What every command needs: settings, an open database, the time, and refusals in one line."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from cognigy_ai.audit import actions as audit
from cognigy_ai.db import restored
from cognigy_ai.db.features import metadata
from cognigy_ai.settings import Settings, key_with_side
from kernel import cli
from kernel.audit.actor import OPERATOR, Actor
from kernel.backup.actions import Installation
from kernel.clock import SystemClock
from kernel.db import Database, open_database
from kernel.keyring import KeyRing
from kernel.log import configure
from kernel.migrations import check_schema
from kernel.problems import ProblemError, filled
from kernel.settings import SettingsError, load

T = TypeVar("T")

PACKAGE = "cognigy_ai"
COMMAND = "cognigy-ai"
USAGE_OR_SETTINGS = 2


@dataclass(frozen=True, slots=True)
class Means:
    """One command's."""

    settings: Settings
    database: Database
    keyring: KeyRing
    now: int


def load_settings() -> Settings:
    """The environment; every fault at once and exit code 2 if it is wrong."""
    try:
        return load(Settings)
    except SettingsError as error:
        try:
            cli.fail_for_settings(error)
        except SystemExit:
            raise SystemExit(USAGE_OR_SETTINGS) from None


def do(work: Callable[[Means], Awaitable[T]]) -> T:
    """Run one command's work on the open database; a refusal is one line and exit code 1."""
    settings = load_settings()
    configure("error")

    async def run() -> T:
        audit.set_actor(Actor(OPERATOR))
        async with _opened(settings) as means:
            return await work(means)

    try:
        return cli.run(run())
    except ProblemError as error:
        cli.fail(words_of(error))


def check_asked(question: str, expected: str) -> None:
    """Ask on standard error, so that the answer of the command stands alone on the other one.

    Exit code 1 for any other answer, and where nobody answers.
    """
    sys.stderr.write(question)
    sys.stderr.flush()
    if sys.stdin.readline().strip() != expected:
        cli.fail("Nothing was changed.")


def words_of(error: ProblemError) -> str:
    """What an operator reads of a refusal."""
    spec = error.problem.spec
    words = f"{filled(spec.title, error.context)}. {filled(spec.user_text, error.context)}"
    if error.fault is None:
        return words
    fault = error.fault.spec
    keys = ", ".join(map(key_with_side, fault.keys))
    return f"{words}\nReason: {fault.hint}" + (f"\nSettings: {keys}" if keys else "")


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Means]:
    database = await open_database(settings.database_address(), pool_size=2)
    try:
        await check_schema(database, PACKAGE, COMMAND)
        keyring = KeyRing(*settings.secrets())
        yield Means(settings, database, keyring, SystemClock().now())
    finally:
        await database.close()


def installation() -> Installation:
    """What a backup is made of, and what a restore is followed by."""
    settings = load_settings()
    configure("error")
    return Installation(
        PACKAGE,
        COMMAND,
        settings.database_address(),
        KeyRing(*settings.secrets()),
        metadata(),
        restored.statements(SystemClock().now()),
    )
