"""Pages that follow a key: the cursors, and who their neighbours are."""

from enum import Enum

import pytest

from kernel.keyring import KeyRing
from kernel.keyset import Cursor, neighbours, open_cursor, seal_cursor


class Order(Enum):
    NAME = "name"
    AGE = "age"


KEYS = KeyRing("0123456789abcdef" * 5)
LAST = Cursor(Order.NAME, "ada", "us_1")


def test_a_cursor_comes_back_as_it_was_and_says_nothing_on_the_way():
    sealed = seal_cursor(KEYS, "people", LAST)
    assert "ada" not in sealed
    assert open_cursor(KEYS, "people", sealed, Order.NAME, str) == LAST


@pytest.mark.parametrize(
    ("purpose", "sort", "key_type"),
    [("other", Order.NAME, str), ("people", Order.AGE, int), ("people", Order.NAME, int)],
)
def test_a_cursor_of_another_list_is_none(purpose: str, sort: Order, key_type: type[str]):
    sealed = seal_cursor(KEYS, "people", LAST)
    assert open_cursor(KEYS, purpose, sealed, sort, key_type) is None


@pytest.mark.parametrize("text", ["", "made-up", "ü"])
def test_a_made_up_cursor_is_none(text: str):
    assert open_cursor(KEYS, "people", text, Order.NAME, str) is None


def cursor_of(row: str, backwards: bool) -> Cursor:  # noqa: FBT001
    return Cursor(Order.NAME, row, row, backwards)


def test_the_first_page_has_only_a_next_one_and_the_last_only_a_previous_one():
    shown, previous, following = neighbours("abc", 2, None, cursor_of)
    assert (shown, previous) == (["a", "b"], None)
    assert following == cursor_of("b", backwards=False)
    shown, previous, following = neighbours("c", 2, following, cursor_of)
    assert (shown, following) == (["c"], None)
    assert previous == cursor_of("c", backwards=True)


def test_a_page_that_is_read_backwards_is_shown_in_its_order():
    back = cursor_of("c", backwards=True)
    shown, previous, following = neighbours("ba", 2, back, cursor_of)
    assert (shown, previous) == (["a", "b"], None)
    assert following == cursor_of("b", backwards=False)
    assert neighbours("", 2, back, cursor_of) == ([], None, None)
