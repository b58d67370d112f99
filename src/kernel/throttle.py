"""Brute-force locks: failures only, in the database, one statement a failure.

A lock belongs to a key, which is a keyed hash of what was typed, so that an address that nobody
has counts and locks like any other (DESIGN section 3 rule 7). A browser that has logged in as a
user before carries a sealed cookie and is counted under a key of its own: nobody can lock a
colleague out by typing wrong passwords elsewhere. OWASP ASVS 6.3.1, RFC 6819 section 5.1.4.2.3.
"""

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.sql.base import Executable

from kernel.addresses import parse_address
from kernel.clock import Clock
from kernel.db import Tx
from kernel.keyring import KeyRing
from kernel.opaque import new_id
from kernel.upsert import upsert

DAY_SECONDS = 24 * 3600
IPV6_SITE_BITS = 64  # one household or office has at least that many addresses

KNOWN_BROWSER_SECONDS = 400 * DAY_SECONDS  # the longest that browsers keep a cookie (RFC 6265bis)
KNOWN_ACCOUNTS = 5
_SEALED_FOR = "known-browser"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free, and how long each further one locks.

    `ladder_seconds` holds the lock of the first failure that is not free, of the second and so
    on; the last one repeats. The count starts anew `window_seconds` after its first failure.
    """

    free_failures: int
    ladder_seconds: tuple[int, ...]
    window_seconds: int


ACCOUNT = Limit(
    free_failures=5,
    ladder_seconds=(30, 60, 120, 300, 900, 3600),
    window_seconds=DAY_SECONDS,
)
NETWORK = Limit(free_failures=50, ladder_seconds=(300,), window_seconds=600)


def account_key(keyring: KeyRing, system: str, normalised_address: str) -> str:
    """The key of an account's lock, whether or not anybody has the address."""
    return "account:" + keyring.mac("throttle/account", f"{system}\0{normalised_address}")


def browser_key(keyring: KeyRing, normalised_address: str, browser_id: str) -> str:
    """The key of the lock that one known browser has for one account."""
    return "browser:" + keyring.mac("throttle/browser", f"{browser_id}\0{normalised_address}")


def network_key(keyring: KeyRing, client_address: str) -> str:
    """The key of a client's network: one IPv4 address, or the /64 of an IPv6 address."""
    return "network:" + keyring.mac("throttle/network", _network(client_address))


def _network(client_address: str) -> str:
    try:
        address = parse_address(client_address)
    except ValueError:
        return client_address  # a Unix socket has no address: all its clients are one network
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_SITE_BITS), strict=False))


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """The accounts that a browser has logged in to: (account key, time of the last login)."""

    browser_id: str
    accounts: tuple[tuple[str, int], ...] = ()

    @classmethod
    def parse(cls, keyring: KeyRing, text: str | None, now: int) -> "KnownBrowser":
        """From the cookie's value; a browser without one of ours is new and knows nobody."""
        value = keyring.open_sealed(_SEALED_FOR, text) if text else None
        if not isinstance(value, dict):
            return cls(new_id())
        oldest = now - KNOWN_BROWSER_SECONDS
        kept = tuple((str(key), int(since)) for key, since in value["accounts"] if since > oldest)
        return cls(str(value["id"]), kept)

    def knows(self, account: str) -> bool:
        """Has this browser logged in to the account with that key?"""
        return any(key == account for key, _ in self.accounts)

    def with_account(self, account: str, now: int) -> "KnownBrowser":
        """After a login: that account first, and the four before it."""
        others = tuple(entry for entry in self.accounts if entry[0] != account)
        return KnownBrowser(self.browser_id, ((account, now), *others)[:KNOWN_ACCOUNTS])

    def sealed(self, keyring: KeyRing) -> str:
        """The cookie's value; it lives KNOWN_BROWSER_SECONDS."""
        return keyring.seal(_SEALED_FOR, {"id": self.browser_id, "accounts": self.accounts})


def locks_table(metadata: MetaData) -> Table:
    """`login_locks`, which each application has among its tables. Times in seconds since 1970."""
    return Table(
        "login_locks",
        metadata,
        Column("key", Text, primary_key=True),
        Column("failures", Integer, nullable=False),
        Column("counted_since", BigInteger, nullable=False),  # when the first of them was
        Column("locked_until", BigInteger, nullable=False),  # 0: not locked
    )


class Locks:
    """The statements on `login_locks`. Each method takes a Database or an open Tx."""

    def __init__(self, table: Table) -> None:
        self._table = table
        # One statement for each number of keys and each list of limits: there are few.
        self._find: dict[int, Executable] = {}
        self._record: dict[tuple[Limit, ...], Executable] = {}
        self._forget: dict[int, Executable] = {}
        c = table.c
        now = bindparam("now", type_=BigInteger)
        ended = c.counted_since <= now - DAY_SECONDS  # no limit has a longer window
        self._prune = delete(table).where(ended, c.locked_until <= now).returning(c.key)

    async def find(self, db: Tx, keys: Sequence[str]) -> int:
        """Until when the longest lock among the keys lasts: seconds since 1970, 0 for none.

        A time that has passed is no lock: compare it with `now`.
        """
        statement = self._find.get(len(keys))
        if statement is None:
            until = func.coalesce(func.max(self._table.c.locked_until), 0).label("locked_until")
            statement = self._find[len(keys)] = select(until).where(self._one_of(len(keys)))
        row = await db.one(statement, **_named(keys))
        assert row is not None
        return int(row["locked_until"])

    async def record_failure(
        self,
        db: Tx,
        limits: Sequence[tuple[str, Limit]],
        now: int,
        held_by: Collection[str] | None = None,
    ) -> int:
        """Count one failure under each key, in one statement; returns the end of the longest lock.

        Seconds since 1970; 0, or a time that has passed, if all of them were free. Only the locks
        of `held_by` are looked at; without it, all.
        """
        # In the order of the keys: two statements that lock the same rows never wait crosswise.
        ordered = sorted(limits, key=itemgetter(0))
        kinds = tuple(limit for _, limit in ordered)
        statement = self._record.get(kinds)
        if statement is None:
            statement = self._record[kinds] = _count_failure(self._table, kinds)
        rows = await db.all(statement, now=now, **_named([key for key, _ in ordered]))
        ends = [row["locked_until"] for row in rows if held_by is None or row["key"] in held_by]
        return max(map(int, ends), default=0)

    async def forget(self, db: Tx, keys: Sequence[str]) -> None:
        """After a successful login: the account's failures are forgotten."""
        statement = self._forget.get(len(keys))
        if statement is None:
            statement = delete(self._table).where(self._one_of(len(keys)))
            self._forget[len(keys)] = statement
        await db.one(statement, **_named(keys))

    async def prune(self, db: Tx, now: int) -> int:
        """Remove what no longer counts; returns how many rows that were."""
        return len(await db.all(self._prune, now=now))

    def _one_of(self, number: int) -> ColumnElement[bool]:
        return or_(*(self._table.c.key == bindparam(f"key_{i}") for i in range(number)))


def _named(keys: Sequence[str]) -> dict[str, Any]:
    return {f"key_{i}": key for i, key in enumerate(keys)}


def _count_failure(table: Table, limits: tuple[Limit, ...]) -> Executable:
    """One row for each limit, whose parameter `key_<i>` it belongs to."""
    c = table.c
    now = bindparam("now", type_=BigInteger)
    keys = [bindparam(f"key_{i}", type_=Text) for i in range(len(limits))]

    def for_each(values: list[ColumnElement[int]]) -> ColumnElement[int]:
        """The value of the row's own limit."""
        return case(*((c.key == key, value) for key, value in zip(keys, values, strict=True)))

    def failures(limit: Limit) -> ColumnElement[int]:
        return case((c.counted_since <= now - limit.window_seconds, 1), else_=c.failures + 1)

    rows = [
        {"key": key, "failures": 1, "counted_since": now, "locked_until": _lock(limit, 1, now)}
        for key, limit in zip(keys, limits, strict=True)
    ]
    over = [c.counted_since <= now - limit.window_seconds for limit in limits]
    return (
        upsert(table)
        .values(rows)
        .on_conflict_do_update(
            index_elements=[c.key],
            set_={
                "failures": for_each([failures(limit) for limit in limits]),
                "counted_since": for_each([case((o, now), else_=c.counted_since) for o in over]),
                "locked_until": for_each([_lock(x, failures(x), now) for x in limits]),
            },
        )
        .returning(c.key, c.locked_until)
    )


def _lock(
    limit: Limit, failures: ColumnElement[int] | int, now: ColumnElement[int]
) -> ColumnElement[int]:
    """When the lock ends that this many failures make; 0 while they are free."""
    steps = list(enumerate(limit.ladder_seconds, start=limit.free_failures))
    count: Any = bindparam(None, failures, Integer) if isinstance(failures, int) else failures
    return case(*((count > number, now + seconds) for number, seconds in reversed(steps)), else_=0)


async def answer_no_earlier_than(clock: Clock, arrived: float, milliseconds: int) -> None:
    """Wait until that long after `arrived` (of `clock.monotonic()`): all refusals take as long."""
    left = arrived + milliseconds / 1000 - clock.monotonic()
    if left > 0:
        await clock.sleep(left)
