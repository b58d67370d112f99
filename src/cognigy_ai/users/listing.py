"""Lists of the people of an organisation: searched, narrowed, sorted, page by page."""

from dataclasses import replace

from cognigy_ai.users import administration
from cognigy_ai.users.queries import Page, Person, Query, Sort, State
from cognigy_ai.users.store import listing as store
from cognigy_ai.users.store.listing import Shape
from kernel import keyset
from kernel.db import Tx
from kernel.keyring import KeyRing
from kernel.keyset import Cursor

__all__ = ["Cursor", "Page", "Person", "Query", "Sort", "State"]

_SEALED_FOR = "people"
COUNTED = store.FEW  # more than these are "many"


async def get_person(db: Tx, organisation_id: str | None, user_id: str) -> Person:
    """Somebody of that organisation (None: of any); raises USER_UNKNOWN."""
    return await administration.get_member(db, store.find, organisation_id, user_id)


async def list_page(db: Tx, query: Query, cursor: Cursor | None = None) -> Page:
    """One page; how it is found depends on how many fit (see `store.listing`)."""
    backwards = cursor is not None and cursor.backwards
    way = Shape(
        sort=query.sort,
        descending=query.descending != backwards,
        continued=cursor is not None,
        words=len(query.words),
        role=query.role is not None,
        state=query.state,
    )
    rows, total = await _find(db, query, way, cursor)

    def cursor_of(row: tuple[Person, str | int], backwards: bool) -> Cursor:  # noqa: FBT001
        person, key = row
        return Cursor(query.sort, key, person.id, backwards)

    shown, previous, following = keyset.neighbours(rows, query.limit, cursor, cursor_of)
    return Page(tuple(person for person, _ in shown), total, previous, following)


def seal_cursor(keyring: KeyRing, cursor: Cursor) -> str:
    """For an address: it holds a name or an e-mail address, which logs shall not."""
    return keyset.seal_cursor(keyring, _SEALED_FOR, cursor)


def open_cursor(keyring: KeyRing, text: str, sort: Sort) -> Cursor | None:
    """None if it is not one of ours, or of a list in another order."""
    key_type = int if sort is Sort.ACTIVE else str
    return keyset.open_cursor(keyring, _SEALED_FOR, text, sort, key_type)


async def _find(
    db: Tx, query: Query, way: Shape, cursor: Cursor | None
) -> tuple[list[tuple[Person, str | int]], int | None]:
    """One row more than the page has, and how many people there are where that is known."""
    if not (query.words or query.role or query.state):
        found = await store.count_of_organisation(db, query.organisation_id)
        rows = await store.read_page(db, way, query, cursor)
        return rows, found if found <= store.FEW else None
    rarest = await _rarest(db, query, way, store.FEW)
    if rarest is not None:
        asked, shape = rarest
        rows = await store.read_page(db, shape, asked, cursor)
        return rows, await store.count(db, shape, asked)
    glance = replace(way, begin="glance", few=store.GLANCE)
    rows = await store.read_page(db, glance, query, cursor)
    if len(rows) > query.limit:
        return rows, None
    rarest = await _rarest(db, query, way, store.SOME) or await _rarest(db, query, way, store.MOST)
    asked, shape = rarest or (query, way)
    return await store.read_page(db, shape, asked, cursor), None


async def _rarest(db: Tx, query: Query, way: Shape, few: int) -> tuple[Query, Shape] | None:
    """How to begin with a condition that no more than so many fit; None if each fits more."""
    for word in sorted(query.words, key=len, reverse=True):
        asked = _with_first(query, word)
        if await store.count_few(db, "word", asked, few) <= few:
            return asked, replace(way, begin="word", few=few)
    of_state = query.state not in (None, State.ACTIVE)
    if of_state and await store.count_few(db, "state", query, few) <= few:
        return query, replace(way, begin="state", few=few)
    if query.role is not None and await store.count_few(db, "role", query, few) <= few:
        return query, replace(way, begin="role", few=few)
    return None


def _with_first(query: Query, word: str) -> Query:
    others = tuple(other for other in query.words if other != word)
    return replace(query, words=(word, *others))
