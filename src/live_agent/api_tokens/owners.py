"""Asking the platform about the owners of API tokens (DESIGN section 3 rule 6).

A token has no grant of its own. Its owner is asked for at /v2.0/users/{id} with a token that is
Live Agent's own, at most every ACCESS_RECHECK_SECONDS, beside the request, by one process at a
time. A provider that has no such address ends tokens by its events alone.
"""

import asyncio
from typing import Any

from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable, Tx
from kernel.log import get_logger
from kernel.opaque import new_reference
from live_agent.api_tokens import store
from live_agent.api_tokens.rules import Confirmed, Gone, Holder, read
from live_agent.audit import actions as audit
from live_agent.cognigy_api.directory import NOT_OFFERED, Directory, Unanswered
from live_agent.settings import Settings

log = get_logger(__name__)

LEASE_SECONDS = 20


class Owners:
    """One for each process; `close` it at the end."""

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, directory: Directory
    ) -> None:
        self._database, self._clock, self._directory = database, clock, directory
        self._role_map = settings.role_map()
        self._every = settings.access_recheck_seconds
        self._grace = settings.access_grace_seconds
        self._asking: dict[str, asyncio.Task[bool]] = {}

    async def may_go_on(self, holder: Holder, now: int) -> bool:
        """May this request be served? The question, if one is due, is asked beside it.

        Only about whom nobody has asked for longer than the grace time the answer is waited for.
        """
        if holder.subject is None or holder.organisation_id is None:
            return True  # nobody of the platform: decided here
        if holder.checked_at > now - self._every:
            return True
        asking = self._ask(holder)
        if holder.checked_at <= now - self._grace:
            return await asyncio.shield(asking)
        return True

    async def close(self) -> None:
        """Wait for the questions that are under way."""
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    def _ask(self, holder: Holder) -> "asyncio.Task[bool]":
        asking = self._asking.get(holder.fingerprint)
        if asking is None:
            asking = asyncio.create_task(self._check(holder))
            self._asking[holder.fingerprint] = asking
            asking.add_done_callback(lambda _: self._asking.pop(holder.fingerprint, None))
        return asking

    async def _check(self, holder: Holder) -> bool:
        """Ask once; False if the token is not to be used (any more, or at the moment)."""
        now = self._clock.now()
        stale = holder.checked_at <= now - self._grace
        try:
            older_than, until = now - self._every, now + LEASE_SECONDS
            if not await store.claim(self._database, holder.fingerprint, older_than, until, now):
                return not stale  # another process asks, and whoever waits comes again
            return await self._ask_platform(holder, now) or not stale
        except DatabaseUnavailable as error:
            log.warning("api_token.not_checked", cause=repr(error))
            return not stale

    async def _ask_platform(self, holder: Holder, now: int) -> bool:
        """True if the owner was confirmed."""
        assert holder.subject is not None
        assert holder.organisation_id is not None
        reference = new_reference()
        try:
            person = await self._directory.find_person(
                holder.organisation_id, holder.subject, reference
            )
        except Unanswered as error:
            if error.why == NOT_OFFERED:
                await store.confirm(self._database, holder.user_id, now)
                return True
            log.warning("api_token.not_checked", cause=str(error), reference=reference)
            await store.note_unreachable(self._database, holder.user_id, now)
            return False
        async with self._database.transaction() as tx:
            return await self._apply(tx, holder, read(person, self._role_map), reference, now)

    async def _apply(
        self, tx: Tx, holder: Holder, answer: Confirmed | Gone, reference: str, now: int
    ) -> bool:
        if not await store.is_still(tx, holder.user_id, holder.access_revision):
            return True  # a signal was faster, and knows more
        about: dict[str, Any] = {"reference": reference, "user_id": holder.user_id}
        about["account_id"] = holder.account_id
        if isinstance(answer, Gone):
            ended = await store.end_all(tx, holder.user_id, now)
            await audit.record(
                tx, "api_token.ended", now, because=answer.because, tokens=ended, **about
            )
            log.info("api_token.ended", because=answer.because, **about)
            return False
        if answer.roles != holder.roles:
            roles = " ".join(answer.roles)
            if await store.set_roles(tx, holder.user_id, roles, holder.access_revision):
                await audit.record(tx, "user.changed", now, roles=list(answer.roles), **about)
        await store.confirm(tx, holder.user_id, now)
        return True
