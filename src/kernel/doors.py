"""Under which keys an attempt with a password is counted, and whose locks hold it."""

from collections.abc import Sequence
from dataclasses import dataclass

from kernel.db import Tx
from kernel.emails import email_key
from kernel.keyring import KeyRing
from kernel.throttle import (
    ACCOUNT,
    NETWORK,
    KnownBrowser,
    Limit,
    Locks,
    account_key,
    browser_key,
    network_key,
)


@dataclass(frozen=True, slots=True)
class Door:
    """Where one attempt comes in: every limit counts it, the locks of `held_by` refuse it."""

    limits: tuple[tuple[str, Limit], ...]
    held_by: tuple[str, ...]

    @property
    def counted(self) -> str:
        """The key that a success forgets."""
        return self.limits[0][0]

    async def locked_until(self, locks: Locks, db: Tx) -> int:
        return await locks.find(db, self.held_by)

    async def count_failure(self, locks: Locks, db: Tx, now: int) -> int:
        return await locks.record_failure(db, self.limits, now, self.held_by)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who types an address at the password page of a system, and from where."""

    keyring: KeyRing
    system: str
    address: str
    browser: KnownBrowser
    network: str

    @classmethod
    def of(
        cls,
        keyring: KeyRing,
        system: str,
        email: str,
        known_browser: str | None,
        client_address: str,
        now: int,
    ) -> "Visitor":
        """From the cookie and the client's address."""
        browser = KnownBrowser.parse(keyring, known_browser, now)
        network = network_key(keyring, client_address)
        return cls(keyring, system, email_key(email), browser, network)

    def knows(self, user_id: str) -> bool:
        """Has this browser logged in as that very user?"""
        return self.browser.knows(self._known(user_id))

    def remembering(self, user_id: str, now: int) -> str:
        """The value of its cookie after a login as that user."""
        return self.browser.with_account(self._known(user_id), now).sealed(self.keyring)

    def strange_door(self) -> Door:
        """The door of everybody who types the address."""
        account = account_key(self.keyring, self.system, self.address)
        return Door(((account, ACCOUNT), (self.network, NETWORK)), (account, self.network))

    def own_door(self) -> Door:
        """The door of a browser that is known: others cannot close it, its network included."""
        own = browser_key(self.keyring, self.address, self.browser.browser_id)
        return Door(((own, ACCOUNT), (self.network, NETWORK)), (own,))

    async def door(
        self, locks: Locks, db: Tx, user_ids: Sequence[str], now: int
    ) -> tuple[Door, Sequence[str]]:
        """The door, and which users with the address may be tried through it.

        One address may have users in several organisations. To be known as one of them opens
        nothing to the others: they stay behind the lock that everybody shares.
        """
        strange = self.strange_door()
        known = [one for one in user_ids if self.knows(one)]
        if not known:
            return strange, user_ids
        if len(known) == len(user_ids) or await strange.locked_until(locks, db) > now:
            return self.own_door(), known
        return strange, user_ids

    def _known(self, user_id: str) -> str:
        return account_key(self.keyring, f"{self.system}/user", user_id)
