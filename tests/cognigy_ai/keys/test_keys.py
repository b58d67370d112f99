"""Signing keys: made once, rotated without a gap, revoked at once, sealed."""

import asyncio

import pytest

from cognigy_ai.keys import actions as keys
from cognigy_ai.keys import rules
from cognigy_ai.keys.actions import KeyStore, KeysUnreadable
from cognigy_ai.keys.rules import KeyTimes
from kernel import jose
from kernel.db import Database
from kernel.jose import ALGORITHMS
from kernel.keyring import KeyRing
from support.clock import FrozenClock

RING = KeyRing("a secret of the tests" * 4)
DAY = 24 * 3600
MINUTES_15 = 900


@pytest.fixture
async def store(database: Database, clock: FrozenClock) -> KeyStore:
    made = KeyStore(database, RING)
    await made.ensure_keys(clock.now())
    return made


def kids(document: dict[str, list[dict[str, str]]], alg: str = "ES256") -> set[str]:
    return {key["kid"] for key in document["keys"] if key["alg"] == alg}


async def test_every_algorithm_has_a_key_from_the_first_start(store: KeyStore, clock) -> None:
    for alg in ALGORITHMS:
        key = await store.signing_key(alg, clock.now())
        assert key.alg == alg
        assert key.kid in kids(await store.jwks(clock.now()), alg)


async def test_published_keys_have_no_private_member(store: KeyStore, clock) -> None:
    for key in (await store.jwks(clock.now()))["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi"} & key.keys()


async def test_several_first_starts_make_one_key_each(database: Database, clock) -> None:
    stores = [KeyStore(database, RING) for _ in range(3)]
    await asyncio.gather(*(store.ensure_keys(clock.now()) for store in stores))
    assert len(await keys.list_keys(database)) == len(ALGORITHMS)
    assert len({(await s.signing_key("ES256", clock.now())).kid for s in stores}) == 1


async def test_a_replica_whose_clock_is_a_second_behind_signs_with_the_first_key_too(
    store: KeyStore, database: Database, clock: FrozenClock
) -> None:
    behind = clock.now() - 1
    other = KeyStore(database, RING)
    await other.ensure_keys(behind)
    first = await store.signing_key("ES256", clock.now())
    assert (await other.signing_key("ES256", behind)).kid == first.kid


async def test_a_new_key_is_published_before_it_signs(
    store: KeyStore, database: Database, clock: FrozenClock
) -> None:
    old = (await store.signing_key("ES256", clock.now())).kid
    new = await keys.rotate(database, RING, "ES256", clock.now())
    clock.advance(11)
    assert kids(await store.jwks(clock.now())) == {old, new}
    assert (await store.signing_key("ES256", clock.now())).kid == old
    clock.advance(MINUTES_15)
    assert (await store.signing_key("ES256", clock.now())).kid == new


async def test_an_old_key_stays_published_for_a_day_after_the_new_one_signs(
    store: KeyStore, database: Database, clock: FrozenClock
) -> None:
    old = (await store.signing_key("ES256", clock.now())).kid
    token = jose.sign(await store.signing_key("ES256", clock.now()), {"sub": "ada"})
    new = await keys.rotate(database, RING, "ES256", clock.now())
    clock.advance(MINUTES_15 + DAY - 1)
    assert kids(await store.jwks(clock.now())) == {old, new}
    clock.advance(1)
    assert kids(await store.jwks(clock.now())) == {new}
    # what we signed ourselves is still recognised, for `id_token_hint`
    known = await store.verification_keys(clock.now())
    assert jose.verify(token, known)["sub"] == "ada"


async def test_a_leaked_key_is_neither_used_nor_published_nor_believed(
    store: KeyStore, database: Database, clock: FrozenClock
) -> None:
    old = await store.signing_key("ES256", clock.now())
    new = await keys.rotate(database, RING, "ES256", clock.now(), at_once=True)
    clock.advance(10)
    assert kids(await store.jwks(clock.now())) == {new}
    assert (await store.signing_key("ES256", clock.now())).kid == new
    with pytest.raises(jose.TokenError):
        jose.verify(jose.sign(old, {}), await store.verification_keys(clock.now()))


async def test_rotating_one_algorithm_leaves_the_others_alone(
    store: KeyStore, database: Database, clock: FrozenClock
) -> None:
    before = (await store.signing_key("RS256", clock.now())).kid
    await keys.rotate(database, RING, "ES256", clock.now(), at_once=True)
    clock.advance(20)
    assert (await store.signing_key("RS256", clock.now())).kid == before


async def test_keys_are_stored_sealed_and_open_with_the_previous_secret(
    store: KeyStore, database: Database, clock: FrozenClock
) -> None:
    kid = (await store.signing_key("ES256", clock.now())).kid
    renewed = KeyStore(database, KeyRing("another secret" * 5, ("a secret of the tests" * 4,)))
    await renewed.ensure_keys(clock.now())
    assert (await renewed.signing_key("ES256", clock.now())).kid == kid
    stranger = KeyStore(database, KeyRing("another secret" * 5))
    with pytest.raises(KeysUnreadable, match="SECRET_KEY_BASE_PREVIOUS"):
        await stranger.ensure_keys(clock.now())


async def test_the_rows_are_read_once_in_ten_seconds(
    store: KeyStore, database: Database, clock: FrozenClock
) -> None:
    before = database.statements
    for _ in range(50):
        await store.signing_key("ES256", clock.now())
        await store.jwks(clock.now())
    assert database.statements == before
    clock.advance(10)
    await store.jwks(clock.now())
    assert database.statements == before + 1


@pytest.mark.parametrize(
    ("age", "state"),
    [(-1, "coming"), (0, "signing")],
)
def test_a_key_signs_from_its_time_on(age: int, state: str) -> None:
    key = KeyTimes("k", "ES256", 1, created_at=0, active_from=1000, revoked_at=None)
    assert rules.state_of_key(key, [key], 1000 + age) == state


def test_what_becomes_of_an_old_key() -> None:
    old = KeyTimes("old", "ES256", 1, created_at=0, active_from=0, revoked_at=None)
    new = KeyTimes("new", "ES256", 2, created_at=100, active_from=1000, revoked_at=None)
    both = [old, new]
    assert rules.state_of_key(old, both, 999) == "signing"
    assert rules.state_of_key(old, both, 1000) == "published"
    assert rules.state_of_key(old, both, 1000 + DAY) == "retired"
    revoked = KeyTimes("old", "ES256", 1, created_at=0, active_from=0, revoked_at=500)
    assert rules.state_of_key(revoked, [revoked, new], 500) == "revoked"
    assert rules.signing_kid([revoked, new], "ES256", 500) is None
