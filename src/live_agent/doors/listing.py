"""The people of an account with their open doors: searched, narrowed, page by page."""

from kernel import keyset
from kernel.db import Database, Tx
from kernel.keyring import KeyRing
from kernel.keyset import Cursor
from live_agent.doors.queries import COUNTED, Page, Query, Resident, Sort
from live_agent.doors.store import listing as store

_SEALED_FOR = "doors"


async def list_page(
    db: Tx | Database, query: Query, now: int, cursor: Cursor | None = None
) -> Page:
    """One page, and how many there are in all: one statement, so that both are of one moment."""
    rows, total = await store.read_page(db, query, now, COUNTED + 1, cursor)
    shown, previous, following = keyset.neighbours(rows, query.limit, cursor, _cursor_of)
    return Page(tuple(shown), total, previous, following)


def seal_cursor(keyring: KeyRing, cursor: Cursor | None) -> str:
    """For an address; empty without a cursor."""
    return "" if cursor is None else keyset.seal_cursor(keyring, _SEALED_FOR, cursor)


def open_cursor(keyring: KeyRing, text: str) -> Cursor | None:
    """None if it is not one of ours."""
    return keyset.open_cursor(keyring, _SEALED_FOR, text, Sort.NAME, str)


def _cursor_of(one: Resident, backwards: bool) -> Cursor:  # noqa: FBT001 - as `neighbours` calls
    return Cursor(Sort.NAME, one.name_key, one.id, backwards)
