"""Asking the platform who is there: at most one process at a time, beside whoever looks.

What it said stays in the database, with its time, for every replica; nobody's page waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable, Tx
from kernel.log import get_logger
from kernel.opaque import new_reference
from live_agent.accounts.rules import Account
from live_agent.cognigy_api.directory import Directory, Unanswered
from live_agent.cognigy_api.rules import claims
from live_agent.cognigy_api.rules.claims import ClaimNames
from live_agent.platform_people import store
from live_agent.platform_people.rules import (
    FRESH_SECONDS,
    NEVER,
    Failure,
    Person,
    Reading,
    concerns,
)

__all__ = ["Failure", "Person", "Reading", "Readings"]

log = get_logger(__name__)

LEASE_SECONDS = 120
ORGANISATION, ROLES = "organisation", "roles"  # as the directory names them, on every platform


class Readings:
    """One for each process; `close` it at the end."""

    def __init__(
        self, database: Database, clock: Clock, directory: Directory, role_map: Mapping[str, str]
    ) -> None:
        self._database, self._clock, self.directory = database, clock, directory
        self._names = ClaimNames(ORGANISATION, ROLES, role_map)
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def read_later(self, account: Account) -> None:
        """Ask beside whoever looks; nothing happens if somebody does already."""
        if account.id in self._under_way:
            return
        task = asyncio.create_task(self._read_quietly(account))
        self._under_way[account.id] = task
        task.add_done_callback(lambda _task: self._under_way.pop(account.id, None))

    async def read_now(self, account: Account, *, newer_than: int = FRESH_SECONDS) -> None:
        """Ask, unless it was asked less than so many seconds ago, or is being asked."""
        now = self._clock.now()
        if account.organisation_id is None:
            return
        until = now + LEASE_SECONDS
        if not await store.lease(self._database, account.id, now - newer_than, until, now):
            return
        try:
            found, people = await self._ask(account.id, account.organisation_id)
        except Unanswered as error:
            log.warning("people.not_read", account_id=account.id, why=error.why, cause=str(error))
            failure = Failure[error.why]
            await store.note_failure(self._database, account.id, failure, until, self._clock.now())
            return
        async with self._database.transaction() as tx:
            # As of its beginning: whoever came in while it went on was not looked for.
            await store.replace(tx, account.id, found, people, until, now)
        log.info("people.read", account_id=account.id, people=people, kept=len(found))

    async def settle(self) -> None:
        """Wait for what is being asked."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def close(self) -> None:
        """Ends the questions that are under way; their leases end by themselves."""
        for task in list(self._under_way.values()):
            task.cancel()
        await self.settle()
        await self.directory.close()

    async def _read_quietly(self, account: Account) -> None:
        try:
            await self.read_now(account)
        except DatabaseUnavailable as error:
            log.warning("people.not_read", account_id=account.id, cause=repr(error))
        except Exception:
            log.exception("people.reading_failed", account_id=account.id)

    async def _ask(self, account_id: int, organisation_id: str) -> tuple[list[Person], int]:
        """Whom the account has to do with, and how many there are in all."""
        subjects, loose_keys = await store.list_known(self._database, account_id)
        found: dict[str, Person] = {}
        people = 0
        async for page in self._pages(organisation_id):
            people += len(page)
            told = (_person(item, self._names) for item in page)
            kept = (one for one in told if one is not None and concerns(one, subjects, loose_keys))
            found |= {one.subject: one for one in kept}
        return list(found.values()), people

    def _pages(self, organisation_id: str) -> AsyncIterator[list[Mapping[str, Any]]]:
        return self.directory.list_people(organisation_id, new_reference())


async def find_reading(db: Tx | Database, account_id: int, now: int) -> Reading:
    """When the platform was asked last, and what came of it."""
    return await store.find(db, account_id, now) or NEVER


async def list_people(db: Tx | Database, account_id: int) -> list[Person]:
    """As of `find_reading(...).read_at`: who may enter, is known here, or has a known address."""
    return await store.list_people(db, account_id)


async def forget(tx: Tx, account_id: int) -> None:
    """The account is gone."""
    await store.forget(tx, account_id)


def _person(item: Mapping[str, Any], names: ClaimNames) -> Person | None:
    """Read exactly as a login's claims are; None for what could not log in at all."""
    read = claims.read(item, names, "")
    if not isinstance(read, claims.Person):
        return None
    return Person(
        subject=read.subject,
        email=read.email or "",
        email_verified=read.email_verified,
        name=read.name,
        locale=read.locale,
        roles=read.roles,
        access_revision=read.access_revision,
        disabled=item.get("disabled") is True,
    )
