"""Pages of a list that follow a key, not a number: the next one begins after the last row.

A page deep in the list costs what the first one does, and nobody is shown twice or skipped when a
row goes in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Select, String, bindparam, tuple_
from sqlalchemy.types import TypeEngine

from kernel.keyring import KeyRing

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row that a page begins after, in the order of `sort`; `backwards`: ends before."""

    sort: Enum
    key: str | int
    row_id: str
    backwards: bool = False

    def as_json(self) -> Any:
        return [self.sort.value, self.key, self.row_id, int(self.backwards)]


def parse_cursor(value: Any, sort: Enum, key_type: type[str] | type[int]) -> Cursor | None:
    """What `as_json` made, if it belongs to a list that is sorted so."""
    match value:
        case [str(of), str() | int() as key, str(row_id), (0 | 1) as backwards]:
            if of == sort.value and isinstance(key, key_type):
                return Cursor(sort, key, row_id, bool(backwards))
    return None


def seal_cursor(keyring: KeyRing, sealed_for: str, cursor: Cursor) -> str:
    """For an address: it holds a name or an e-mail address, which logs shall not."""
    return keyring.seal(sealed_for, cursor.as_json())


def open_cursor(
    keyring: KeyRing, sealed_for: str, text: str, sort: Enum, key_type: type[str] | type[int]
) -> Cursor | None:
    """None if it is not one of ours, or of a list in another order."""
    return parse_cursor(keyring.open_sealed(sealed_for, text), sort, key_type)


def neighbours(
    rows: Sequence[T], limit: int, cursor: Cursor | None, cursor_of: Callable[[T, bool], Cursor]
) -> tuple[list[T], Cursor | None, Cursor | None]:
    """The rows of one page in their order, and the cursors of the pages before and after it.

    `rows` are up to one more than `limit`, as `one_page` finds them; `cursor_of(row, backwards)`.
    """
    backwards = cursor is not None and cursor.backwards
    more, shown = len(rows) > limit, list(rows[:limit])
    if backwards:
        shown.reverse()
    if not shown:
        return [], None, None
    has_previous = more if backwards else cursor is not None
    previous = cursor_of(shown[0], True) if has_previous else None  # noqa: FBT003
    following = cursor_of(shown[-1], False) if backwards or more else None  # noqa: FBT003
    return shown, previous, following


def one_page(
    statement: Select[Any],
    order: Sequence[ColumnElement[Any]],
    key_type: TypeEngine[Any] | None,
    most: ColumnElement[int],
    *,
    descending: bool,
) -> Select[Any]:
    """The statement in that order, `most` rows, beginning after (`last_key`, `last_id`).

    `order`: the key's column and, unless it is unique by itself, the id's. Without `key_type` the
    page is the first one.
    """
    if key_type is not None:
        last: list[BindParameter[Any]] = [bindparam("last_key", type_=key_type)]
        last += [bindparam("last_id", type_=String)] if len(order) > 1 else []
        here, there = tuple_(*order), tuple_(*last)
        statement = statement.where(here < there if descending else here > there)
    ordered = [column.desc() if descending else column for column in order]
    return statement.order_by(*ordered).limit(most)
