"""Messages and counts through a real Valkey, and what happens while it is away."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from starlette.requests import Request
from structlog.testing import capture_logs

from kernel import bus as module
from kernel.bus import Bus
from kernel.keyring import KeyRing
from kernel.problems import ProblemError
from kernel.web.api.limits import Quota, RateLimiter
from support.clock import FrozenClock
from support.valkey import PASSWORD, Valkey, running_valkey

TOPIC = "things.ended"
KEYS = KeyRing("a secret of this test, long enough for anybody")


@pytest.fixture(scope="module")
def running() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture
def valkey(running: Valkey) -> Iterator[Valkey]:
    yield running
    if running.process is None:
        running.start()


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES_SECONDS", (0.05,))
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.2)
    # A busy machine is no outage; the test of the bound itself sets it back.
    monkeypatch.setattr(module, "LONGEST_WAIT_SECONDS", 10)
    monkeypatch.setattr(module, "COMMAND_SECONDS", 10)


class Reader:
    """Somebody who is woken."""

    def __init__(self, bus: Bus) -> None:
        self.woken = 0
        bus.on(TOPIC, self.wake)

    def wake(self) -> None:
        self.woken += 1


async def until(true: Callable[[], Any], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for is no event of ours
            await asyncio.sleep(0.01)


@asynccontextmanager
async def process(address: str, keyring: KeyRing = KEYS, **more: Any) -> AsyncIterator[Bus]:
    """The bus of one server process, running."""
    bus = Bus(address, system="a_system", keyring=keyring, **more)
    task = asyncio.create_task(bus.run())
    try:
        yield bus
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def two(address: str) -> AsyncIterator[tuple[Bus, Bus]]:
    async with process(address) as one, process(address) as other:
        await until(lambda: one.reachable and other.reachable)
        yield one, other


async def test_what_one_process_tells_wakes_the_readers_of_the_others_once(valkey: Valkey):
    async with two(valkey.url) as (one, other):
        here, there = Reader(one), Reader(other)
        one.tell(TOPIC)
        assert here.woken == 1  # at once, without any network
        await until(lambda: there.woken)
        one.tell("of nobody's interest")
        one.tell(TOPIC)
        await until(lambda: there.woken == 2)
        await asyncio.sleep(0.3)  # beats, and our own messages, wake nobody
        assert (here.woken, there.woken) == (2, 2)


async def test_installations_that_share_a_server_have_nothing_in_common(valkey: Valkey):
    stranger = KeyRing("another secret of another installation, long enough")
    async with process(valkey.url) as one, process(valkey.url, stranger) as other:
        await until(lambda: one.reachable and other.reachable)
        reader = Reader(other)
        one.tell(TOPIC)
        assert (await one.count("key", 1, 60)).allowed  # type: ignore[union-attr]
        assert (await other.count("key", 1, 60)).allowed  # type: ignore[union-attr]
        await asyncio.sleep(0.3)
        assert reader.woken == 0


async def test_without_an_address_the_readers_of_this_process_are_woken():
    bus = Bus()
    reader = Reader(bus)
    bus.tell(TOPIC)
    await bus.run()
    assert reader.woken == 1
    assert await bus.count("key", 1, 60) is None
    assert not bus.is_set


async def test_a_server_that_restarts_is_reached_again_and_the_log_says_each_change_once(
    valkey: Valkey,
):
    with capture_logs() as logs:
        async with two(valkey.url) as (one, other):
            there = Reader(other)
            valkey.stop()
            await until(lambda: not one.reachable and not other.reachable)
            one.tell(TOPIC)
            one.tell(TOPIC)
            assert await one.count("key", 1, 60) is None
            await asyncio.sleep(0.3)  # several attempts, all in vain
            valkey.start()
            await until(lambda: one.reachable and other.reachable)
            await until(lambda: there.woken)  # what was missed is looked for
            woken = there.woken
            one.tell(TOPIC)
            await until(lambda: there.woken > woken)
    said = [(entry["event"], entry["log_level"]) for entry in logs]
    assert sorted(said) == sorted(
        [("bus.connected", "info")] * 4 + [("bus.unavailable", "warning")] * 2
    )
    assert PASSWORD not in str(logs)


async def test_a_server_that_hangs_delays_one_request_by_the_bound_and_no_other(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "BEAT_SECONDS", 60)  # nothing but the request notices
    monkeypatch.setattr(module, "LONGEST_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(module, "COMMAND_SECONDS", 1.0)
    async with two(valkey.url) as (one, _):
        valkey.hold()
        try:
            begun = time.monotonic()
            assert await one.count("key", 1, 60) is None
            assert time.monotonic() - begun < module.LONGEST_WAIT_SECONDS + 1
            assert not one.reachable
            begun = time.monotonic()
            for _ in range(1000):
                assert await one.count("key", 1, 60) is None
                one.tell(TOPIC)
            assert time.monotonic() - begun < 1
        finally:
            valkey.let_go()
        await until(lambda: one.reachable)
        assert await one.count("key", 1, 60) is not None


async def test_a_subscription_that_hears_nothing_any_more_is_made_anew(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.5)
    monkeypatch.setattr(module, "COMMAND_SECONDS", 0.3)
    with capture_logs() as logs:
        async with process(valkey.url) as bus:
            await until(lambda: bus.reachable)
            valkey.hold()
            await until(lambda: not bus._hears and not bus._speaks)
            valkey.let_go()
            await until(lambda: bus.reachable)
    told = [entry["event"] for entry in logs]
    # A busy machine may miss such short times more than once: each is told, and told as over.
    assert told == [*("bus.connected", "bus.unavailable") * (len(told) // 2), "bus.connected"]
    assert len(told) > 1


async def test_nonsense_on_the_channel_does_nothing(valkey: Valkey):
    from redis.asyncio import Redis

    async with process(valkey.url) as bus:
        await until(lambda: bus.reachable)
        reader = Reader(bus)
        async with Redis.from_url(valkey.url) as anybody:
            for message in ("", "x", "a b c d", "é" * 10_000, b"\xff\xfe"):
                await anybody.publish(bus._channel, message)
            await anybody.publish(bus._channel, f"somebody {TOPIC}")
        await until(lambda: reader.woken)
        await until(lambda: bus.reachable)


async def test_a_reader_that_breaks_stops_nobody_else(valkey: Valkey):
    async with two(valkey.url) as (one, other):
        reader = Reader(other)

        def breaks() -> None:
            raise LookupError

        other.on("broken", breaks)
        with capture_logs() as logs:
            one.tell("broken")
            await until(lambda: any(entry["event"] == "bus.failed" for entry in logs))
        other._wakes.pop("broken")
        await until(lambda: other.reachable)
        woken = reader.woken
        one.tell(TOPIC)
        await until(lambda: reader.woken > woken)


@pytest.mark.parametrize(
    "address",
    [
        "redis://:wrong@127.0.0.1:{port}",
        "redis://127.0.0.1:{port}",
        "rediss://127.0.0.1:{port}",
        "redis://127.0.0.1:1",
        "redis://no-such-host.invalid",
    ],
)
async def test_a_wrong_address_hinders_nobody(valkey: Valkey, address: str):
    with capture_logs() as logs:
        async with process(address.format(port=valkey.port)) as bus:
            reader = Reader(bus)
            await until(lambda: logs)
            bus.tell(TOPIC)
            assert reader.woken == 1
            assert await bus.count("key", 1, 60) is None
            assert not bus.reachable
    assert [entry["event"] for entry in logs] == ["bus.unavailable"]


@asynccontextmanager
async def behind_tls(valkey: Valkey, authority: trustme.CA) -> AsyncIterator[int]:
    """A port on which the server is reached with TLS."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to, back = await asyncio.open_connection("127.0.0.1", valkey.port)
        await asyncio.gather(pump(reader, back), pump(to, writer))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_tls_is_verified_against_the_named_authority(valkey: Valkey, tmp_path: Path):
    authority, file = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    async with behind_tls(valkey, authority) as port:
        address = f"rediss://:{PASSWORD}@localhost:{port}"
        async with process(address, ca_file=file) as bus:
            await until(lambda: bus.reachable)
        with capture_logs() as logs:
            async with process(address) as bus:
                await until(lambda: logs)
        assert logs[0]["event"] == "bus.unavailable"
        other_name = f"rediss://:{PASSWORD}@127.0.0.1:{port}"
        with capture_logs() as logs:
            async with process(other_name, ca_file=file) as bus:
                await until(lambda: logs)
        assert logs[0]["event"] == "bus.unavailable"


async def test_of_many_requests_at_two_processes_exactly_the_quota_is_let_through(valkey: Valkey):
    async with two(valkey.url) as buses:
        counted = await asyncio.gather(
            *(buses[number % 2].count("crowd", 20, 60) for number in range(40))
        )
        assert sum(one.allowed for one in counted if one) == 20
        refused = await buses[0].count("crowd", 20, 60)
        assert refused is not None
        assert (refused.allowed, refused.used) == (False, 20)
        assert 0 < refused.seconds_left <= 60


async def test_the_window_moves(valkey: Valkey):
    async with two(valkey.url) as (one, other):
        first = await one.count("moving", 1, 1)
        assert first is not None
        assert first.allowed
        assert not (await other.count("moving", 1, 1)).allowed  # type: ignore[union-attr]
        async with asyncio.timeout(20):
            while not (again := await other.count("moving", 1, 1)) or not again.allowed:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_a_quota_is_one_for_all_replicas_and_each_ones_own_while_the_server_is_away(
    valkey: Valkey,
):
    async with two(valkey.url) as buses:
        replicas = [RateLimiter(FrozenClock(), Quota(4, 60), bus=b, name="api") for b in buses]

        async def ask(replica: int, key: str) -> str:
            request = Request({"type": "http", "headers": []})
            with suppress(ProblemError):
                await replicas[replica].count(request, key)
            return str(request.state.answer_headers["ratelimit"].split(";")[1])

        assert [await ask(n % 2, "ada") for n in range(6)] == [
            "r=3",
            "r=2",
            "r=1",
            "r=0",
            "r=0",
            "r=0",
        ]
        assert await ask(0, "bob") == "r=3"
        valkey.stop()
        await until(lambda: not any(bus.reachable for bus in buses))
        # Two of the four were counted here: what is left is not given anew.
        assert [await ask(0, "ada") for _ in range(3)] == ["r=1", "r=0", "r=0"]
