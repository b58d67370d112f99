"""Asking the platform again: what ends access when a signal was lost (DESIGN section 3 rule 6).

A session's refresh token is its grant: while it is accepted, the person has access. It is asked at
most every ACCESS_RECHECK_SECONDS, beside the request that noticed, by one process at a time.
"""

import asyncio
import contextlib
import time

from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable, UniqueViolation
from kernel.keyring import KeyRing
from kernel.log import get_logger
from kernel.metrics import OFF, Metrics, counter
from kernel.opaque import new_reference
from kernel.problems import ProblemError
from live_agent.audit import actions as audit
from live_agent.cognigy_api.provider import Provider
from live_agent.sessions import checks
from live_agent.sessions.checks import Claimed, Standing
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
PAUSES = (0.2, 1.0, 3.0)
LOOK_EVERY_SECONDS = 0.15


class NotBelievedError(Exception):
    """An answer of the platform that cannot be taken over."""


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

        Only a session that nobody has asked about, or got an answer about, for longer than the
        grace time waits for the answer: nobody acts on rights as old as that.
        """
        if not self._is_due(session, now):
            return True
        asking = self._ask(session)
        if self._is_stale(session, now):
            return await asyncio.shield(asking)
        return True

    def waits(self, session: Session, now: int) -> bool:
        """Is the answer waited for? It may have changed what the session was read with."""
        return self._is_due(session, now) and self._is_stale(session, now)

    async def close(self) -> None:
        """Wait for the questions that are under way."""
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    def _is_due(self, session: Session, now: int) -> bool:
        if not session.has_tokens:
            return False
        return session.checked_at <= now - self._settings.access_recheck_seconds

    def _is_stale(self, known: Session | Standing, now: int) -> bool:
        since = known.unreachable_since
        last = known.checked_at if since is None else since
        return last <= now - self._settings.access_grace_seconds

    def _ask(self, session: Session) -> "asyncio.Task[bool]":
        fingerprint = session.fingerprint
        asking = self._asking.get(fingerprint)
        if asking is None:
            asking = asyncio.create_task(self._check(session))
            self._asking[fingerprint] = asking
            asking.add_done_callback(lambda _task: self._asking.pop(fingerprint, None))
        return asking

    async def _check(self, session: Session) -> bool:
        """Ask once; False if the session has ended, or nothing can be said of one so old."""
        now = self._clock.now()
        try:
            due = now - self._settings.access_recheck_seconds
            claimed = await checks.claim(
                self._database, self._keyring, session.fingerprint, due, now
            )
            if claimed is None:
                return await self._was_answered(session, due)
            return await self._ask_platform(claimed, session.unreachable_since, now)
        except DatabaseUnavailable as error:
            log.warning("session.not_checked", cause=repr(error))
            return not self._is_stale(session, now)

    async def _was_answered(self, session: Session, due: int) -> bool:
        """Somebody else has asked, or does: what has come of it?

        While nothing has, only a session too old to be served waits, as long as the other's lease.
        """
        last_look = time.monotonic() + checks.LEASE_SECONDS
        while True:
            now = self._clock.now()
            standing = await checks.find_standing(self._database, session.fingerprint)
            if standing is None:
                return False
            if standing.checked_at > due or not self._is_stale(standing, now):
                return True
            if self._was_in_vain(standing):
                return await self._end(session.fingerprint, session.user_id, PLATFORM_SILENT, now)
            if not standing.is_being_asked(now) or time.monotonic() >= last_look:
                return False
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _was_in_vain(self, standing: Standing) -> bool:
        """Of a session past the grace time: the platform was silent in it, and was asked last."""
        silent = standing.unreachable_since
        if silent is None:
            return False
        return standing.asked_at < silent + self._settings.access_grace_seconds

    async def _ask_platform(self, claimed: Claimed, silent: int | None, now: int) -> bool:
        with audit.acting(audit.Actor(audit.PLATFORM)):
            return await self._judge(claimed, silent, now)

    async def _judge(self, claimed: Claimed, silent: int | None, now: int) -> bool:
        reference, stays = new_reference(), True
        try:
            reply = await self._provider.refresh(claimed.refresh_token, reference, now)
            answer = refreshed.read(reply.status, reply.members)
            if isinstance(answer, Confirmed):
                stays = await self._confirm(claimed, answer, now)
        except ProblemError as error:
            answer = Unanswered(error.fault.code if error.fault else error.problem.code)
        except NotBelievedError as error:
            answer = Unanswered(str(error))
        self._metrics.count(RECHECKS, type(answer).__name__.lower())
        match answer:
            case Confirmed():
                return stays
            case Ended():
                because = ACCESS_ENDED
            case Unanswered(why=why):
                log.warning("session.not_checked", cause=why, reference=reference)
                if silent is None or now < silent + self._settings.access_grace_seconds:
                    await checks.note_unreachable(self._database, claimed, now)
                    return True
                because = PLATFORM_SILENT
        return await self._end(claimed.fingerprint, claimed.user_id, because, now, reference)

    async def _confirm(self, claimed: Claimed, answer: Confirmed, now: int) -> bool:
        """Keep the rotated token first of all: without it the next question is a thief's.

        False if all roles are gone. Raises NotBelievedError or ProblemError; it is kept then, too.
        """
        if answer.refresh_token is not None:
            claimed = await self._keep(claimed, answer.refresh_token)
        claims = None
        if answer.id_token is not None:
            claims = (await self._provider.verify(answer.id_token)).claims
            client_id = self._settings.cognigy_oauth_client_id
            fault = refreshed.id_token_fault(claims, claimed.issuer, claimed.subject, client_id)
            if fault is not None:
                raise NotBelievedError(f"id_token: {fault}")
        for _ in range(signals.MOST_ATTEMPTS):
            with contextlib.suppress(UniqueViolation):  # somebody took the address just now
                return await self._apply(claimed, claims, now)
        raise NotBelievedError("the address is taken again and again")

    async def _keep(self, claimed: Claimed, refresh_token: str) -> Claimed:
        """Patiently: within these seconds nobody else asks, and the platform repeats its answer."""
        for pause in PAUSES:
            try:
                return await checks.keep(self._database, self._keyring, claimed, refresh_token)
            except DatabaseUnavailable:
                await asyncio.sleep(pause)
        return await checks.keep(self._database, self._keyring, claimed, refresh_token)

    async def _apply(self, claimed: Claimed, claims: signals.Claims | None, now: int) -> bool:
        stays, revision = True, None
        async with self._database.transaction() as tx:
            if claims is not None:
                identity = (claimed.issuer, claimed.subject)
                terms = signals.terms_of(self._settings)
                stays = await signals.refresh(tx, identity, claims, terms, now)
                revision = signals.revision_of(claims)
            await checks.confirm(tx, self._keyring, claimed, revision, now)
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
