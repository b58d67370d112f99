"""What is sealed opens with the same secret and purpose only, and older secrets stay readable."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.keyring import LONGEST_SEALED, KeyRing

RING = KeyRing("one secret")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_what_was_sealed_is_opened(value: Any) -> None:
    assert RING.open_sealed("flow", RING.seal("flow", value), 1_000_000) == value


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert RING.seal("flow", 1) != RING.seal("flow", 1)


def test_nothing_opens_for_another_purpose_or_secret() -> None:
    sealed = RING.seal("flow", {"state": "x"})
    assert RING.open_sealed("session", sealed) is None
    assert KeyRing("another secret").open_sealed("flow", sealed) is None


def test_no_changed_character_opens() -> None:
    sealed = RING.seal("flow", {"state": "x"})
    for place in range(len(sealed)):
        other = "A" if sealed[place] != "A" else "Q"
        changed = sealed[:place] + other + sealed[place + 1 :]
        assert RING.open_sealed("flow", changed) is None


@pytest.mark.parametrize("text", ["", "A", "AAAA", "é" * 40, "!" * 40, "A" * 16, "\0" * 9])
def test_what_is_not_ours_does_not_open(text: str) -> None:
    assert RING.open_sealed("flow", text) is None


def test_what_is_too_long_is_not_even_tried() -> None:
    sealed = RING.seal("flow", "x" * LONGEST_SEALED)
    assert RING.open_sealed("flow", sealed) is None
    assert RING.open_sealed("flow", sealed, 2 * LONGEST_SEALED) is not None


def test_an_older_secret_stays_readable_and_is_not_used_for_new_values() -> None:
    before = KeyRing("old")
    after = KeyRing("new", ("old", "older"))
    assert after.open_sealed("flow", before.seal("flow", 1)) == 1
    assert before.open_sealed("flow", after.seal("flow", 1)) is None
    assert after.mac_matches("link", "text", before.mac("link", "text"))
    assert not before.mac_matches("link", "text", after.mac("link", "text"))


def test_a_mac_belongs_to_its_purpose_and_text() -> None:
    mac = RING.mac("link", "text")
    assert RING.mac_matches("link", "text", mac)
    assert not RING.mac_matches("other", "text", mac)
    assert not RING.mac_matches("link", "other", mac)
    assert not RING.mac_matches("link", "text", "é")
    assert not RING.mac_matches("link", "text", "")


def test_each_purpose_has_a_key_of_its_own() -> None:
    ring = KeyRing("new", ("old",))
    assert len({*ring.keys("a"), *ring.keys("b"), *ring.keys("seal/a")}) == 6
    assert ring.key("a") == ring.keys("a")[0]
    assert all(len(key) == 32 for key in ring.keys("a"))
