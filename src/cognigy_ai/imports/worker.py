"""Carries imports out, in the background of each process.

An import is leased, so that two processes do not work on the same one; one that goes away leaves
it to the others when the lease ends. Each row is claimed and carried out in a transaction of its
own: none is done twice, and none is lost.
"""

import asyncio
from contextlib import suppress

from cognigy_ai.audit import actions as audit
from cognigy_ai.imports import actions, rules
from cognigy_ai.imports.rules import Decision, Import, Person, Reason
from cognigy_ai.imports.store import lists as list_store
from cognigy_ai.imports.store import rows as row_store
from cognigy_ai.problems import Problem
from cognigy_ai.roles.rules import Permission, may
from cognigy_ai.users import actions as users
from cognigy_ai.users import administration, links, locks
from cognigy_ai.users.mail_limits import INVITATION, MailLimits
from cognigy_ai.users.rules import By, NewUser, User
from kernel.audit.actor import USER, Actor
from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable, Tx
from kernel.keyring import KeyRing
from kernel.log import get_logger
from kernel.outbox import Outbox
from kernel.problems import ProblemError

log = get_logger("cognigy_ai.imports")

BATCH = 20
LEASE_SECONDS = 60
POLL_SECONDS = 2.0
ATTEMPTS = 2
RIGHTS_GONE = "rights_gone"


class Importer:
    """One task in each process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        keyring: KeyRing,
        outbox: Outbox,
        mail_limits: MailLimits,
    ) -> None:
        self._database, self._clock = database, clock
        self._keyring, self._outbox = keyring, outbox
        self._mail_limits = mail_limits
        self._woken = asyncio.Event()
        self._over = False

    def finish(self) -> None:
        """End after the rows in hand; another process goes on with the import."""
        self._over = True
        self._woken.set()

    def wake(self) -> None:
        """Call it after an import was started: it begins at once, not at the next look."""
        self._woken.set()

    async def run(self) -> None:
        """Until it is finished or cancelled; a row in hand is undone then, and done again later."""
        while not self._over:
            self._woken.clear()
            worked = False
            try:
                worked = await self.work()
            except DatabaseUnavailable as error:
                log.warning("import.database_unavailable", error=str(error))
            except Exception:
                log.exception("import.worker_failed")
            if not worked and not self._over:
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._woken.wait()

    async def work(self) -> bool:
        """Carry out one import that waits, to its end; False if none does."""
        now = self._clock.now()
        found = await list_store.lease(self._database, now, now + LEASE_SECONDS)
        if found is None:
            return False
        while await self.do_batch(found):
            if self._over:
                await list_store.renew(self._database, found.id, now)  # the lease ends now
                break
        return True

    async def do_batch(self, found: Import) -> bool:
        """The next rows, each with the rights that the uploader has then.

        False if the import is over, or waits since too many invitations were mailed.
        """
        numbers = await row_store.next_rows(self._database, found.id, BATCH)
        if not numbers:
            await self._finish(found)
            return False
        with audit.acting(Actor(USER, found.asked_by)):
            for number in numbers:
                try:
                    await self._row(found, number)
                except _RightsGone:
                    await self._stop(found)
                    return False
                except _MailsWait:
                    await self._wait(found)
                    return False
                await asyncio.sleep(0)  # requests have their turn, on SQLite too
        until = self._clock.now() + LEASE_SECONDS
        return await list_store.renew(self._database, found.id, until)

    async def _row(self, found: Import, number: int) -> None:
        """Once more if somebody changed the same person at the same time."""
        reason = Reason.IN_BETWEEN
        for _ in range(ATTEMPTS):
            try:
                async with self._database.transaction() as tx:
                    await self._carry_out(tx, found, number)
            except (_RightsGone, _MailsWait):
                raise
            except ProblemError as error:
                log.info("import.row_refused", import_id=found.id, problem=error.problem.code)
            except DatabaseUnavailable:
                raise
            except Exception:
                # A bug; the other rows do not wait for its correction.
                log.exception("import.row_failed", import_id=found.id, row=number)
                reason = Reason.FAILED
            else:
                return
        async with self._database.transaction() as tx:
            if await row_store.claim(tx, found.id, number, self._clock.now()) is not None:
                refused = Decision(rules.REFUSED, reason=reason)
                await row_store.settle(tx, found.id, number, refused, None)

    async def _carry_out(self, tx: Tx, found: Import, number: int) -> None:
        now = self._clock.now()
        sealed = await row_store.claim(tx, found.id, number, now)
        if sealed is None:
            return  # done by another process, or stopped
        uploader = await _uploader(tx, found)
        line = actions.opened(self._keyring, number, sealed)
        if line is None:
            refused = Decision(rules.REFUSED, reason=Reason.UNREADABLE)
            await row_store.settle(tx, found.id, number, refused, None)
            return
        people = await row_store.find_people(tx, found.organisation_id, [line.key])
        person = people.get(line.key)
        decision = rules.decide(line, person, uploader.roles)
        user_id = None if person is None else person.id
        if decision.fate == rules.CREATED:
            if found.invite and not await self._may_mail(tx, found, line.email, now):
                refused = Decision(rules.REFUSED, reason=Reason.MAILED_ENOUGH)
                await row_store.settle(tx, found.id, number, refused, None)
                return
            user_id = await self._create(tx, found, uploader, line.email, decision)
        elif decision.fate == rules.CHANGED and person is not None:
            await _change(tx, uploader, person, decision, now)
        await row_store.settle(tx, found.id, number, decision, user_id)

    async def _create(
        self, tx: Tx, found: Import, uploader: User, email: str, decision: Decision
    ) -> str:
        new = NewUser(
            found.organisation_id,
            email,
            decision.name or "",
            decision.roles,
            locale=decision.locale or rules.DEFAULT_LOCALE,
        )
        now = self._clock.now()
        user_id = await administration.create(tx, By.person(uploader), new, now)
        if found.invite:
            await links.invite(tx, self._outbox, user_id, uploader.name, now)
        return user_id

    async def _may_mail(self, tx: Tx, found: Import, email: str, now: int) -> bool:
        """False for an address that had its share; the organisation's is waited for."""
        try:
            await self._mail_limits.count(tx, INVITATION, found.organisation_id, email, now)
        except ProblemError as error:
            if error.problem is Problem.ORGANISATION_MAILED_ENOUGH:
                raise _MailsWait from None
            return False
        return True

    async def _wait(self, found: Import) -> None:
        """Nobody takes the import up again before mails may be sent; it can be stopped."""
        now = self._clock.now()
        until = await self._mail_limits.note_pause(self._database, found.organisation_id, now)
        await list_store.renew(self._database, found.id, max(until, now + LEASE_SECONDS))
        log.info("import.waits_for_mails", import_id=found.id, until=until)

    async def _finish(self, found: Import) -> None:
        now = self._clock.now()
        counts = await row_store.count(self._database, found.id)
        async with self._database.transaction() as tx:
            if await list_store.finish(tx, found.id, now):
                with audit.acting(Actor(USER, found.asked_by)):
                    await actions.record(tx, "import.finished", found, now, **counts.fates)

    async def _stop(self, found: Import) -> None:
        async with self._database.transaction() as tx:
            await actions.stop_because(tx, found, self._clock.now(), RIGHTS_GONE)


class _RightsGone(Exception):  # noqa: N818 - reads as what happened
    """The uploader may not import any more."""


class _MailsWait(Exception):  # noqa: N818 - reads as what happened
    """The organisation sent as many mails as it may in an hour."""


async def _uploader(tx: Tx, found: Import) -> User:
    """With the rights of this moment, which nobody takes before the commit."""
    await locks.lock_organisation(tx, found.organisation_id)
    uploader = await users.find(tx, found.asked_by)
    if uploader is None or not _may_import(uploader):
        raise _RightsGone
    return uploader


async def _change(tx: Tx, uploader: User, person: Person, decision: Decision, now: int) -> None:
    by = By.person(uploader)
    if decision.name is not None or decision.locale is not None:
        name, locale = decision.name, decision.locale
        await administration.change(tx, by, person.id, now, name=name, locale=locale)
    for role in decision.roles:
        await administration.give(tx, by, person.id, role, now)


def _may_import(uploader: User) -> bool:
    return uploader.may_log_in and may(uploader.roles, Permission.USERS_WRITE)
