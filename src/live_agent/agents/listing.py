"""The people of an account: searched, narrowed, sorted, page by page."""

from kernel import keyset
from kernel.db import Database, Tx
from kernel.keyring import KeyRing
from kernel.keyset import Cursor
from live_agent.agents.queries import COUNTED, Page, Query, Sort, State
from live_agent.agents.rules import User
from live_agent.agents.store import listing as store

__all__ = ["COUNTED", "Cursor", "Page", "Query", "Sort", "State"]

_SEALED_FOR = "agents"


async def list_page(db: Tx | Database, query: Query, cursor: Cursor | None = None) -> Page:
    """One page, and how many there are in all."""
    rows = await store.read_page(db, query, cursor)

    def cursor_of(row: tuple[User, str | int], backwards: bool) -> Cursor:  # noqa: FBT001
        user, key = row
        return Cursor(query.sort, key, user.id, backwards)

    shown, previous, following = keyset.neighbours(rows, query.limit, cursor, cursor_of)
    total = await store.count(db, query, COUNTED + 1)
    return Page(tuple(user for user, _ in shown), total, previous, following)


def seal_cursor(keyring: KeyRing, cursor: Cursor | None) -> str:
    """For an address; empty without a cursor."""
    return "" if cursor is None else keyset.seal_cursor(keyring, _SEALED_FOR, cursor)


def open_cursor(keyring: KeyRing, text: str, sort: Sort) -> Cursor | None:
    """None if it is not one of ours, or of a list in another order."""
    return keyset.open_cursor(keyring, _SEALED_FOR, text, sort, sort.key_type)
