"""Asking the platform again: what ends access when a signal was lost (DESIGN section 3 rule 6).

A session's refresh token is its grant: while it is accepted, the person has access. It is asked at
most every ACCESS_RECHECK_SECONDS, beside the request that noticed, by one process at a time.
"""

import asyncio

from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable
from kernel.keyring import KeyRing
from kernel.log import get_logger
from kernel.metrics import OFF, Metrics, counter
from kernel.opaque import new_reference
from kernel.problems import ProblemError
from live_agent.audit import actions as audit
from live_agent.cognigy_api.provider import Provider
from live_agent.sessions import checks
from live_agent.sessions.checks import Claimed
from live_agent.sessions.rules import Session
from live_agent.settings import Settings
from live_agent.signals import actions as signals
from live_agent.signals.rules import refreshed
from live_agent.signals.rules.refreshed import Confirmed, Ended, Unanswered

log = get_logger(__name__)

RECHECKS = counter(
    "live_agent_rechecks_total",
    "Sessions that the platform was asked about again: `confirmed`, `ended`, or `unanswered`.",
    "outcome",
)
ACCESS_ENDED, PLATFORM_SILENT = "access_ended", "platform_unreachable"


class Rechecks:
    """One for each process; `close` it at the end."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        keyring: KeyRing,
        clock: Clock,
        provider: Provider,
        metrics: Metrics = OFF,
    ) -> None:
        self._metrics = metrics
        self._settings, self._database, self._keyring = settings, database, keyring
        self._clock, self._provider = clock, provider
        self._asking: dict[str, asyncio.Task[bool]] = {}

    async def may_go_on(self, session: Session, now: int) -> bool:
        """May this request be served? The question, if one is due, is asked beside it.

        Only a session that nobody has asked about for longer than the grace time waits for the
        answer: nobody acts on rights as old as that.
        """
        if not session.has_tokens:
            return True
        grace = self._settings.access_grace_seconds
        silent = session.unreachable_since
        if silent is not None and silent + grace <= now:
            await self._end(session.fingerprint, session.user_id, PLATFORM_SILENT, now)
            return False
        if session.checked_at > now - self._settings.access_recheck_seconds:
            return True
        asking = self._ask(session.fingerprint)
        if silent is None and session.checked_at <= now - grace:
            return await asyncio.shield(asking)
        return True

    async def close(self) -> None:
        """Wait for the questions that are under way."""
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    def _ask(self, fingerprint: str) -> "asyncio.Task[bool]":
        asking = self._asking.get(fingerprint)
        if asking is None:
            asking = asyncio.create_task(self._check(fingerprint))
            self._asking[fingerprint] = asking
            asking.add_done_callback(lambda _task: self._asking.pop(fingerprint, None))
        return asking

    async def _check(self, fingerprint: str) -> bool:
        """Ask once; False if the session has ended by the answer."""
        now = self._clock.now()
        try:
            due = now - self._settings.access_recheck_seconds
            claimed = await checks.claim(self._database, self._keyring, fingerprint, due, now)
            if claimed is None:
                return True
            return await self._ask_platform(claimed, now)
        except DatabaseUnavailable as error:
            log.warning("session.not_checked", cause=repr(error))
            return True

    async def _ask_platform(self, claimed: Claimed, now: int) -> bool:
        with audit.acting(audit.Actor(audit.PLATFORM)):
            return await self._judge(claimed, now)

    async def _judge(self, claimed: Claimed, now: int) -> bool:
        reference = new_reference()
        claims = None
        try:
            reply = await self._provider.refresh(claimed.refresh_token, reference, now)
            answer = refreshed.read(reply.status, reply.members)
            if isinstance(answer, Confirmed) and answer.id_token is not None:
                claims = (await self._provider.verify(answer.id_token)).claims
                fault = refreshed.id_token_fault(
                    claims,
                    claimed.issuer,
                    claimed.subject,
                    self._settings.cognigy_oauth_client_id,
                )
                answer = answer if fault is None else Unanswered(f"id_token: {fault}")
        except ProblemError as error:
            answer = Unanswered(error.fault.code if error.fault else error.problem.code)
        self._metrics.count(RECHECKS, type(answer).__name__.lower())
        match answer:
            case Ended():
                return await self._end(
                    claimed.fingerprint, claimed.user_id, ACCESS_ENDED, now, reference
                )
            case Unanswered(why=why):
                log.warning("session.not_checked", cause=why, reference=reference)
                await checks.note_unreachable(self._database, claimed, now)
                return True
            case Confirmed():
                return await self._confirm(claimed, answer, claims, now)

    async def _confirm(
        self,
        claimed: Claimed,
        answer: Confirmed,
        claims: "signals.Claims | None",
        now: int,
    ) -> bool:
        """The rotated token is kept first of all: without it the next question fails."""
        stays = True
        async with self._database.transaction() as tx:
            if claims is not None:
                identity = (claimed.issuer, claimed.subject)
                terms = signals.terms_of(self._settings)
                stays = await signals.refresh(tx, identity, claims, terms, now)
            await checks.confirm(
                tx,
                self._keyring,
                claimed,
                answer.refresh_token,
                None if claims is None else signals.revision_of(claims),
                now,
            )
        return stays

    async def _end(
        self,
        fingerprint: str,
        user_id: str,
        because: str,
        now: int,
        reference: str | None = None,
    ) -> bool:
        reference = reference or new_reference()
        async with self._database.transaction() as tx:
            if await checks.end(tx, fingerprint, because, reference, now):
                await audit.record(
                    tx, "session.ended", now, reference=reference, user_id=user_id, because=because
                )
        log.info("session.ended", because=because, reference=reference, user_id=user_id)
        return False
