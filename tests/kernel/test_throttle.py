"""Locks after failed logins: who is locked, for how long, and who is not."""

import asyncio

import pytest
from sqlalchemy import select

from kernel.db import Database, open_database
from kernel.keyring import KeyRing
from kernel.throttle import (
    ACCOUNT,
    DAY_SECONDS,
    KNOWN_BROWSER_SECONDS,
    NETWORK,
    KnownBrowser,
    Limit,
    Locks,
    account_key,
    answer_no_earlier_than,
    browser_key,
    network_key,
)
from support.clock import FrozenClock
from support.kernel_tables import TABLES

NOW = 1_767_225_600


@pytest.fixture
def locks() -> Locks:
    return Locks(TABLES.locks)


async def fail(locks: Locks, db: Database, times: int, limit: Limit = ACCOUNT) -> list[int]:
    """How many seconds each failure locks."""
    ends = [await locks.record_failure(db, [("who", limit)], NOW) for _ in range(times)]
    return [max(end - NOW, 0) for end in ends]


async def test_five_failures_are_free_and_then_the_lock_grows(
    locks: Locks, database: Database
) -> None:
    seconds = await fail(locks, database, 13)
    assert seconds == [0] * 5 + [30, 60, 120, 300, 900, 3600, 3600, 3600]
    assert await locks.find(database, ["who"]) == NOW + 3600


async def test_a_failure_is_one_statement(locks: Locks, database: Database) -> None:
    before = database.statements, database.transactions
    await locks.record_failure(database, [("who", ACCOUNT), ("where", NETWORK)], NOW)
    assert (database.statements, database.transactions) == (before[0] + 1, before[1] + 1)


async def test_the_fiftyfirst_failure_of_a_network_locks_it(
    locks: Locks, database: Database
) -> None:
    seconds = await fail(locks, database, 52, NETWORK)
    assert seconds == [0] * 50 + [300, 300]


async def test_each_key_is_counted_by_its_own_limit(locks: Locks, database: Database) -> None:
    both = [("network", NETWORK), ("account", ACCOUNT)]
    for _ in range(6):
        until = await locks.record_failure(database, both, NOW)
    assert until == NOW + 30
    assert await locks.find(database, ["network"]) == 0
    assert await locks.find(database, ["account"]) == NOW + 30
    assert await locks.find(database, ["network", "account"]) == NOW + 30


async def test_nobody_failed_nobody_is_locked(locks: Locks, database: Database) -> None:
    assert await locks.find(database, ["who", "where"]) == 0


async def test_a_limit_without_free_failures_locks_at_the_first(
    locks: Locks, database: Database
) -> None:
    assert await fail(locks, database, 2, Limit(0, (7, 9), 60)) == [7, 9]


async def test_failures_are_forgotten_when_the_window_has_passed(
    locks: Locks, database: Database
) -> None:
    await fail(locks, database, 8)
    later = NOW + DAY_SECONDS
    assert await locks.record_failure(database, [("who", ACCOUNT)], later - 1) == later - 1 + 300
    assert await locks.record_failure(database, [("who", ACCOUNT)], later) == 0
    for _ in range(4):
        await locks.record_failure(database, [("who", ACCOUNT)], later + 5)
    assert await locks.record_failure(database, [("who", ACCOUNT)], later + 5) == later + 35


async def test_a_slow_drip_never_locks_a_network(locks: Locks, database: Database) -> None:
    for number in range(120):
        end = await locks.record_failure(database, [("office", NETWORK)], NOW + number * 60)
        assert end == 0


async def test_a_success_forgets_the_failures(locks: Locks, database: Database) -> None:
    await fail(locks, database, 8)
    await locks.forget(database, ["who", "nobody"])
    assert await locks.find(database, ["who"]) == 0
    assert await fail(locks, database, 6) == [0] * 5 + [30]
    await locks.forget(database, ["nobody", "who"])
    assert await locks.find(database, ["who"]) == 0


async def test_locks_work_inside_a_transaction(locks: Locks, database: Database) -> None:
    async with database.transaction() as tx:
        for _ in range(6):
            await locks.record_failure(tx, [("who", ACCOUNT)], NOW)
    assert await locks.find(database, ["who"]) == NOW + 30


async def test_eight_simultaneous_failures_count_eight(
    locks: Locks, database: Database, database_url: str
) -> None:
    second = await open_database(database_url)  # another replica, on SQLite another process
    keys = [("who", ACCOUNT), ("where", NETWORK)]
    await asyncio.gather(
        *(
            locks.record_failure(db, order, NOW)
            for db in (database, second)
            for order in (keys, keys[::-1])
            for _ in range(2)
        )
    )
    rows = await database.all(select(TABLES.locks.c.failures))
    assert [row["failures"] for row in rows] == [8, 8]
    assert await locks.find(second, ["who"]) == NOW + 120
    await second.close()


async def test_a_lock_survives_a_restart(
    locks: Locks, database: Database, database_url: str
) -> None:
    await fail(locks, database, 6)
    again = await open_database(database_url)
    assert await Locks(TABLES.locks).find(again, ["who"]) == NOW + 30
    await again.close()


async def test_pruning_keeps_what_still_counts(locks: Locks, database: Database) -> None:
    await fail(locks, database, 6)
    await locks.record_failure(database, [("young", ACCOUNT)], NOW + 100)
    assert await locks.prune(database, NOW + DAY_SECONDS - 1) == 0
    assert await locks.prune(database, NOW + DAY_SECONDS) == 1
    assert await locks.find(database, ["who"]) == 0
    rows = await database.all(select(TABLES.locks.c.key))
    assert [row["key"] for row in rows] == ["young"]


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_shows_no_address_and_differs_by_system(keyring: KeyRing) -> None:
    key = account_key(keyring, "cognigy_ai", "ana@acme.example")
    assert "ana" not in key
    assert key == account_key(keyring, "cognigy_ai", "ana@acme.example")
    others = {
        account_key(keyring, "live_agent", "ana@acme.example"),
        account_key(keyring, "cognigy_ai", "bob@acme.example"),
        account_key(KeyRing("another installation"), "cognigy_ai", "ana@acme.example"),
        browser_key(keyring, "ana@acme.example", "b1"),
        browser_key(keyring, "ana@acme.example", "b2"),
        browser_key(keyring, "bob@acme.example", "b1"),
    }
    assert len(others | {key}) == 7


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "192.0.2.1", False),
        ("", "", True),
    ],
)
def test_a_network_is_an_ipv4_address_or_an_ipv6_site(
    keyring: KeyRing, one: str, other: str, *, same: bool
) -> None:
    assert (network_key(keyring, one) == network_key(keyring, other)) is same


# --- known browsers -------------------------------------------------------------------------------


def test_a_browser_that_logged_in_is_known_for_that_account_only(keyring: KeyRing) -> None:
    before = KnownBrowser.parse(keyring, None, NOW)
    assert not before.knows("account:ana")
    cookie = before.with_account("account:ana", NOW).sealed(keyring)
    after = KnownBrowser.parse(keyring, cookie, NOW + 5)
    assert after.browser_id == before.browser_id
    assert after.knows("account:ana")
    assert not after.knows("account:bob")


def test_five_accounts_are_remembered_the_latest_first(keyring: KeyRing) -> None:
    browser = KnownBrowser.parse(keyring, "", NOW)
    for number in (1, 2, 3, 1, 4, 5, 6):
        browser = browser.with_account(f"account:{number}", NOW)
    assert [key[-1] for key, _ in browser.accounts] == ["6", "5", "4", "1", "3"]
    assert len(browser.sealed(keyring)) < 1000


def test_an_account_is_forgotten_after_400_days(keyring: KeyRing) -> None:
    browser = KnownBrowser.parse(keyring, None, NOW).with_account("old", NOW)
    cookie = browser.with_account("young", NOW + 1).sealed(keyring)
    parsed = KnownBrowser.parse(keyring, cookie, NOW + KNOWN_BROWSER_SECONDS)
    assert (parsed.knows("old"), parsed.knows("young")) == (False, True)


@pytest.mark.parametrize("text", ["", "nonsense", "é", "A" * 100])
def test_a_made_up_cookie_is_a_new_browser(keyring: KeyRing, text: str) -> None:
    parsed = KnownBrowser.parse(keyring, text, NOW)
    assert parsed.accounts == ()
    assert parsed.browser_id != KnownBrowser.parse(keyring, text, NOW).browser_id


def test_a_value_sealed_for_something_else_is_a_new_browser(keyring: KeyRing) -> None:
    other = keyring.seal("flow", {"id": "x", "accounts": [["account:ana", NOW]]})
    assert KnownBrowser.parse(keyring, other, NOW).accounts == ()


# --- time of the answer ---------------------------------------------------------------------------


async def test_a_refusal_waits_for_its_fixed_time(clock: FrozenClock) -> None:
    arrived = clock.monotonic()
    clock.advance(0.125)
    await answer_no_earlier_than(clock, arrived, 500)
    assert clock.slept == [0.375]


async def test_a_refusal_that_is_late_does_not_wait(clock: FrozenClock) -> None:
    arrived = clock.monotonic()
    clock.advance(0.75)
    await answer_no_earlier_than(clock, arrived, 500)
    assert clock.slept == []
