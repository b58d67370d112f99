"""Valkey (or Redis), if REDIS_URL is set: readers elsewhere wake sooner, limits are shared.

The database stays the truth. A message only says where something is new, so a lost, late or forged
one changes nothing: each reader looks at the database by itself every now and then. No request
waits for Valkey longer than `LONGEST_WAIT_SECONDS`, and while it is away no request asks it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.common_settings import CommonSettings
from kernel.keyring import KeyRing
from kernel.log import get_logger
from kernel.opaque import new_id

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = get_logger("kernel.bus")

LONGEST_WAIT_SECONDS = 0.1  # of a request
COMMAND_SECONDS = 1.0  # of the background
BEAT_SECONDS = 2.0  # so often a process hears itself
SILENT_SECONDS = 7.0  # a subscription on which not even that arrives is dead
PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0)  # between attempts to reach it, the last one repeats
BEAT = ""

# A moving window in one atomic step, by Valkey's own clock: the clocks of replicas may differ.
# The window is a sorted set of the requests' times; a refused request is not among them.
COUNT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = ARGV[2] * 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local used = redis.call('ZCARD', KEYS[1])
local allowed = used < tonumber(ARGV[1])
if allowed then
  redis.call('ZADD', KEYS[1], now, string.format('%.0f', now) .. ':' .. used)
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  used = used + 1
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {allowed and 1 or 0, used, math.ceil((oldest[2] + window - now) / 1000)}
"""

Wake = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Counted:
    """One request of a moving window: was there room for it, how many are in it, until when."""

    allowed: bool
    used: int
    seconds_left: float  # until the oldest one leaves the window


class Bus:
    """One for each process. Without an address it wakes the readers of this process alone."""

    def __init__(
        self,
        address: str = "",
        *,
        system: str = "",
        keyring: KeyRing | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self._address, self._ca_file = address, ca_file
        # Two installations that share one Valkey have different secrets, and so nothing in common.
        mark = keyring.mac("bus", system)[:16] if keyring else ""
        self._channel = f"{system}:{mark}:news"
        self._counter = f"{system}:{mark}:quota:"
        self._me = new_id()
        self._wakes: defaultdict[str, list[Wake]] = defaultdict(list)
        self._unsaid: set[str] = set()
        self._to_say = asyncio.Event()
        self._client: Redis | None = None
        self._hears, self._speaks = False, False
        self._told_of: bool | None = None  # what the log said last

    @classmethod
    def of(cls, settings: CommonSettings, system: str, keyring: KeyRing) -> "Bus":
        """The bus that the operator has set, or none."""
        address, authority = settings.redis_address(), settings.ssl_ca_file
        return cls(address, system=system, keyring=keyring, ca_file=authority)

    def on(self, topic: str, wake: Wake) -> None:
        """Call `wake`, which must not wait, when somebody tells the topic, here or elsewhere."""
        self._wakes[topic].append(wake)

    def tell(self, topic: str) -> None:
        """After a commit. Returns at once; other processes hear it soon, or look by themselves."""
        self._wake(topic)
        if self._address:
            self._unsaid.add(topic)
            self._to_say.set()

    @property
    def is_set(self) -> bool:
        """Is there a Valkey at all?"""
        return bool(self._address)

    @property
    def reachable(self) -> bool:
        """Do messages arrive, and are commands answered?"""
        return self._hears and self._speaks

    async def count(self, key: str, most: int, seconds: int) -> Counted | None:
        """One more request in the window of all processes; None while Valkey is away."""
        if self._client is None or not self.reachable:
            return None
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                return await self._count(self._client, key, most, seconds)
        except self._failures() as error:
            self._speaks = False  # until the background has reached it again
            self._say_state(error)
            return None

    async def ping(self) -> str:
        """One command on a connection of its own: why it was not answered, or empty."""
        client = self._connect()
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                await client.ping()
        except self._failures() as error:
            return type(error).__name__
        finally:
            await client.aclose()
        return ""

    async def run(self) -> None:
        """Hear and speak until cancelled; returns at once if there is no Valkey."""
        if not self._address:
            return
        self._client = self._connect()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._again_and_again(self._hear))
                tasks.create_task(self._again_and_again(self._speak))
        finally:
            self._hears = self._speaks = False
            with suppress(*self._failures()):
                await self._client.aclose()

    def _connect(self) -> "Redis":
        from redis.asyncio import Redis  # noqa: PLC0415 - 6 MB that only this needs
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415

        tls: dict[str, Any] = {}
        if self._ca_file is not None and self._address.startswith("rediss://"):
            tls["ssl_ca_certs"] = str(self._ca_file)  # beside the system's
        return Redis.from_url(
            self._address,
            protocol=2,
            socket_connect_timeout=COMMAND_SECONDS,
            socket_timeout=None,  # every wait is bounded here
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
            **tls,
        )

    async def _again_and_again(self, part: Callable[["Redis"], Any]) -> None:
        failed = 0
        while True:
            assert self._client is not None
            try:
                await part(self._client)
            except Exception as error:
                if not isinstance(error, self._failures()):
                    log.exception("bus.failed")
                failed = 1 if self.reachable else failed + 1
                if part == self._hear:
                    self._hears = False
                else:
                    self._speaks = False
                self._say_state(error)
            await asyncio.sleep(PAUSES_SECONDS[min(failed, len(PAUSES_SECONDS)) - 1])

    async def _hear(self, client: "Redis") -> None:
        """What others tell. Hearing our own beat proves that the subscription lives."""
        async with client.pubsub() as subscription:
            async with asyncio.timeout(COMMAND_SECONDS):
                await subscription.subscribe(self._channel)
            while True:
                async with asyncio.timeout(SILENT_SECONDS):
                    message = await subscription.get_message(timeout=None)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._hears = True
                    self._say_state()
                    for topic in self._wakes:  # what was told while nobody heard
                        self._wake(topic)
                elif message["type"] == "message":
                    sender, _, topic = message["data"].partition(" ")
                    if sender != self._me:
                        self._wake(topic)

    async def _speak(self, client: "Redis") -> None:
        """Tell others what is new here, at least a beat."""
        while True:
            topics = self._unsaid or {BEAT}
            self._to_say.clear()
            self._unsaid = set()
            try:
                async with asyncio.timeout(COMMAND_SECONDS):
                    for topic in topics:
                        await client.publish(self._channel, f"{self._me} {topic}")
                    if not self._speaks:  # may we count, too?
                        await self._count(client, BEAT, 1, 1)
            except BaseException:
                self._unsaid |= topics - {BEAT}
                raise
            self._speaks = True
            self._say_state()
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._to_say.wait()

    async def _count(self, client: "Redis", key: str, most: int, seconds: int) -> Counted:
        answer: Any = client.eval(COUNT, 1, self._counter + key, str(most), str(seconds))
        allowed, used, milliseconds = await answer
        return Counted(bool(allowed), int(used), int(milliseconds) / 1000)

    def _wake(self, topic: str) -> None:
        for wake in self._wakes.get(topic, ()):
            wake()

    def _failures(self) -> tuple[type[Exception], ...]:
        from redis.exceptions import RedisError  # noqa: PLC0415 - as above

        return (RedisError, OSError, TimeoutError, UnicodeDecodeError)

    def _say_state(self, error: Exception | None = None) -> None:
        """Once for each change: the log of an outage is two lines, not thousands."""
        if self.reachable and self._told_of is not True:
            self._told_of = True
            log.info("bus.connected")
        elif error is not None and self._told_of is not False:
            self._told_of = False
            log.warning("bus.unavailable", cause=type(error).__name__, until="the database's poll")
