"""The task that tells receivers, one in each process.

A signal is leased while it is sent, so that no two processes send it at once; a process that dies
leaves it to the others when the lease ends. Each receiver hears of one person in order, and no
receiver waits for another: one that is dead is tried now and then, the others hear at once.
"""

import asyncio
from collections import Counter
from contextlib import suppress

from cognigy_ai.signals import rules, store
from cognigy_ai.signals.rules import Signal, State, Verdict
from cognigy_ai.signals.sending import Transmitter
from kernel.clock import Clock
from kernel.db import Database, DatabaseUnavailable
from kernel.log import get_logger
from kernel.outgoing import OutgoingError

log = get_logger(__name__)

LEASE_SECONDS = 8
POLL_SECONDS = 0.5  # for what nobody told: the bus only wakes sooner
MOST_AT_ONCE = 8  # to one receiver
LONGEST_SILENCE_SECONDS = 30


class Receiver:
    """What this process knows of one: how many tokens are under way, and whether it answers."""

    def __init__(self) -> None:
        self.under_way = 0
        self.failures = 0
        self.silent_until = 0.0

    def room(self, now: float) -> int:
        """How many may be sent now; to one that did not answer, one at a time and not at once."""
        if self.failures == 0:
            return MOST_AT_ONCE - self.under_way
        return 1 if self.under_way == 0 and self.silent_until <= now else 0

    def answered(self) -> None:
        self.failures = 0

    def kept_silent(self, now: float) -> None:
        if self.failures and now < self.silent_until:
            return  # several were under way: that is one silence
        self.failures += 1
        self.silent_until = now + min(2.0 ** min(self.failures - 1, 10), LONGEST_SILENCE_SECONDS)


class Sender:
    """One for each process, woken by the topic `signals.waiting`."""

    def __init__(self, database: Database, clock: Clock, transmitter: Transmitter) -> None:
        self._database, self._clock, self._transmitter = database, clock, transmitter
        self._receivers: dict[str, Receiver] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something was committed: it leaves at once, not at the next look."""
        self._woken.set()

    async def run(self) -> None:
        """Until it is cancelled. What is under way then is sent again when its lease ends."""
        try:
            while True:
                self._woken.clear()
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._woken.wait()
        finally:
            for task in self._tasks:
                task.cancel()

    async def send_due(self) -> int:
        """Everything that can be sent now, and what becomes due by that; returns how many."""
        sent = 0
        while begun := await self._begin():
            sent += begun
            await asyncio.gather(*self._tasks)
        return sent

    async def _look(self) -> None:
        try:
            await self._begin()
        except DatabaseUnavailable as error:
            log.warning("signals.database_unavailable", error=str(error))
        except Exception:
            log.exception("signals.sender_failed")

    async def _begin(self) -> int:
        begun: Counter[str] = Counter()
        for name in await store.list_due_receivers(self._database, self._clock.now()):
            receiver = self._receivers.setdefault(name, Receiver())
            room = receiver.room(self._clock.monotonic())
            if room <= 0:
                continue
            now = self._clock.now()
            for signal in await store.lease(self._database, name, room, LEASE_SECONDS, now):
                receiver.under_way += 1
                begun[name] += 1
                task = asyncio.create_task(self._send(receiver, signal))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return begun.total()

    async def _send(self, receiver: Receiver, signal: Signal) -> None:
        try:
            verdict = await self._attempt(receiver, signal)
            await self._settle(signal, verdict)
        except DatabaseUnavailable as error:  # the lease brings it back
            log.warning("signals.database_unavailable", error=str(error))
        except Exception:
            log.exception("signals.settling_failed", signal=signal.id)
        finally:
            receiver.under_way -= 1
            self._woken.set()  # the next of this person may go

    async def _attempt(self, receiver: Receiver, signal: Signal) -> Verdict:
        try:
            verdict = await self._transmitter.send(signal)
        except OutgoingError as error:
            receiver.kept_silent(self._clock.monotonic())
            # The detail may name an inner address: pages show the reason, the log knows more.
            log.warning("signals.unanswered", receiver=signal.receiver, detail=error.detail)
            return Verdict(State.WAITING, error.kind.value)
        except TimeoutError:
            receiver.kept_silent(self._clock.monotonic())
            return Verdict(State.WAITING, "timed_out")
        except DatabaseUnavailable:
            raise
        except Exception as error:
            log.exception("signals.sending_broke", signal=signal.id)
            return Verdict(State.WAITING, type(error).__name__)
        if verdict.state is State.WAITING:
            receiver.kept_silent(self._clock.monotonic())
        else:
            receiver.answered()
        return verdict

    async def _settle(self, signal: Signal, verdict: Verdict) -> None:
        now = self._clock.now()
        words = verdict.because
        told = {"signal": signal.id, "kind": signal.kind.value, "receiver": signal.receiver}
        if verdict.state is State.WAITING:
            pause = rules.pause_after(signal.attempts)
            await store.postpone(self._database, signal.id, pause, words, now)
            log.warning("signals.not_delivered", **told, error=words, attempts=signal.attempts)
            return
        await store.settle(self._database, signal.id, verdict.state, words, now)
        if verdict.state is State.REFUSED:
            log.error("signals.refused", **told, error=words)
        else:
            log.info("signals.settled", **told, became=verdict.state.value, because=words)
