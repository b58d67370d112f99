"""Signing keys: which one signs, which ones are published, and how they are changed.

Private keys are sealed with the key ring. Every process reads the rows anew after ten seconds;
what signs and what is published follows from the rows and the time alone, so that all replicas
agree without talking to each other.
"""

import asyncio
from typing import Any

from cognigy_ai.audit import actions as audit
from cognigy_ai.keys import rules, store
from cognigy_ai.keys.rules import KeyTimes
from cognigy_ai.problems import Problem
from kernel import jose
from kernel.db import Database, Tx
from kernel.jose import ALGORITHMS, AnyKey, SigningKey
from kernel.keyring import KeyRing
from kernel.log import get_logger
from kernel.problems import ProblemError

log = get_logger(__name__)

CACHE_SECONDS = 10
SEALED_FOR = "signing-key"


class KeysUnreadable(Exception):  # noqa: N818 - what the operator reads
    """SECRET_KEY_BASE is not the one that the signing keys were sealed with."""


class KeyStore:
    """The keys as one process knows them."""

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        self._database, self._keyring = database, keyring
        self._rows: list[KeyTimes] = []
        self._opened: dict[str, SigningKey] = {}
        self._read_at: int | None = None
        self._published: tuple[tuple[str, ...], dict[str, Any]] | None = None

    async def ensure_keys(self, now: int) -> None:
        """At the start: each algorithm has a key. Several first starts at once make one each.

        Raises KeysUnreadable.
        """
        have = {row.times.alg for row in await store.list_keys(self._database)}
        for alg in ALGORITHMS:
            if alg not in have:
                # From the beginning of time: replicas that start together disagree by a second
                # about now, and each must be able to sign with the other's first key.
                first = await _new_row(self._keyring, alg, generation=1, now=now, active_from=0)
                await store.add_first(self._database, first)
        await self._read(now)
        for alg in ALGORITHMS:
            if rules.signing_kid(self._readable(), alg, now) is None:
                raise KeysUnreadable(
                    f"The {alg} signing key cannot be read: it was sealed with another "
                    "SECRET_KEY_BASE. Put the earlier value into SECRET_KEY_BASE_PREVIOUS, or "
                    f"give the key up: cognigy-ai keys rotate --alg {alg} --at-once"
                )

    async def signing_key(self, alg: str, now: int) -> SigningKey:
        """The key that signs tokens of the algorithm now."""
        await self._refresh(now)
        kid = rules.signing_kid(self._readable(), alg, now)
        if kid is None:
            raise KeysUnreadable(f"There is no readable {alg} key.")
        return self._opened[kid]

    async def can_sign(self, now: int) -> bool:
        """Has each algorithm a key that can be read?"""
        await self._refresh(now)
        keys = self._readable()
        return all(rules.signing_kid(keys, alg, now) is not None for alg in ALGORITHMS)

    async def jwks(self, now: int) -> dict[str, Any]:
        """The JWK Set document (RFC 7517 section 5)."""
        await self._refresh(now)
        kids = tuple(rules.published_kids(self._readable(), now))
        if self._published is None or self._published[0] != kids:
            document = jose.public_jwks(self._opened[kid] for kid in kids)
            self._published = (kids, document)
        return self._published[1]

    async def verification_keys(self, now: int) -> dict[str | None, list[AnyKey]]:
        """Every key that was not revoked, for tokens that come back to us (`id_token_hint`)."""
        await self._refresh(now)
        kept = [self._opened[key.kid] for key in self._readable() if key.revoked_at is None]
        return jose.public_keys(jose.public_jwks(kept))

    def forget(self) -> None:
        """Read the rows again at the next use: this process has just changed them."""
        self._read_at = None

    async def _refresh(self, now: int) -> None:
        if self._read_at is None or not 0 <= now - self._read_at < CACHE_SECONDS:
            await self._read(now)

    async def _read(self, now: int) -> None:
        found = await store.list_keys(self._database)
        for row in found:
            if row.times.kid not in self._opened:
                self._open(row)
        self._rows = [row.times for row in found]
        self._read_at = now

    def _open(self, row: store.KeyRow) -> None:
        jwk = self._keyring.open_sealed(SEALED_FOR, row.sealed_jwk)
        if jwk is None:
            log.error("key.unreadable", kid=row.times.kid, alg=row.times.alg)
            return
        self._opened[row.times.kid] = jose.signing_key(jwk)

    def _readable(self) -> list[KeyTimes]:
        return [key for key in self._rows if key.kid in self._opened]


async def list_keys(database: Database) -> list[KeyTimes]:
    """All keys that there ever were, by algorithm and age."""
    return [row.times for row in await store.list_keys(database)]


async def rotate(
    database: Database, keyring: KeyRing, alg: str, now: int, *, at_once: bool = False
) -> str:
    """Make a new key; returns its `kid`.

    It is published now and signs after 15 minutes, when no cached JWK Set is without it; the old
    one stays published for a day. `at_once` is for a key that leaked: the new one signs now, the
    old ones are neither used nor published any more.
    """
    active_from = now if at_once else now + rules.PUBLISHED_BEFORE_SECONDS
    generation = await store.newest_generation(database, alg) + 1
    # Made outside of the transaction; two rotations at once: the second breaks on the index.
    row = await _new_row(keyring, alg, generation, now=now, active_from=active_from)
    async with database.transaction() as tx:
        await store.add(tx, row)
        if at_once:
            await store.revoke_older(tx, alg, generation, now)
        await audit.record(tx, "key.rotated", now, kid=row.times.kid, alg=alg, at_once=at_once)
    return row.times.kid


async def retire(tx: Tx, kid: str, now: int) -> bool:
    """A key is neither published nor accepted any more; False if it was so.

    Raises KEY_UNKNOWN, or KEY_SIGNS for the one that signs now.
    """
    found = [row.times for row in await store.list_keys(tx)]
    key = next((one for one in found if one.kid == kid), None)
    if key is None:
        raise ProblemError(Problem.KEY_UNKNOWN, kid=kid)
    if rules.signing_kid(found, key.alg, now) == kid:
        raise ProblemError(Problem.KEY_SIGNS, kid=kid, alg=key.alg)
    changed = await store.revoke(tx, kid, now)
    if changed:
        await audit.record(tx, "key.retired", now, kid=kid, alg=key.alg)
    return changed


async def _new_row(
    keyring: KeyRing, alg: str, generation: int, *, now: int, active_from: int
) -> store.KeyRow:
    key = await asyncio.to_thread(jose.new_key, alg)  # an RSA key takes a tenth of a second
    times = KeyTimes(key.kid, alg, generation, now, active_from, revoked_at=None)
    return store.KeyRow(times, keyring.seal(SEALED_FOR, jose.private_jwk(key)))
