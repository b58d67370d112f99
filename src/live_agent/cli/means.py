"""What every command needs: settings, an open database, the time, and refusals in one line."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from kernel import cli
from kernel.audit.actor import OPERATOR, Actor, set_actor
from kernel.backup.actions import Installation
from kernel.clock import SystemClock
from kernel.db import Database, open_database
from kernel.keyring import KeyRing
from kernel.log import configure
from kernel.migrations import check_schema
from kernel.problems import ProblemError, filled
from kernel.settings import SettingsError, load
from live_agent.db.features import metadata
from live_agent.settings import Settings

T = TypeVar("T")

PACKAGE = "live_agent"
COMMAND = "live-agent"
USAGE_OR_SETTINGS = 2
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Means:
    """What a command works with."""

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
        set_actor(Actor(OPERATOR))
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


def check_reason(reason: str) -> str:
    """Why somebody does it, as it is kept; exit code 1 without one."""
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        cli.fail(f"Give a reason of at most {LONGEST_REASON} characters.")
    return why


def words_of(error: ProblemError) -> str:
    """What an operator reads of a refusal."""
    spec = error.problem.spec
    return f"{filled(spec.title, error.context)}. {filled(spec.user_text, error.context)}"


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
    """What a backup is made of."""
    settings = load_settings()
    configure("error")
    keyring = KeyRing(*settings.secrets())
    return Installation(PACKAGE, COMMAND, settings.database_address(), keyring, metadata())
