"""Lists of the people of an organisation: searched, narrowed, sorted, page by page."""

from dataclasses import replace
from typing import Any

from cognigy_ai.users import administration
from cognigy_ai.users.queries import Cursor, Page, Person, Query, Sort, State, parse_cursor
from cognigy_ai.users.store import listing as store
from cognigy_ai.users.store.listing import Shape
from kernel.db import Tx
from kernel.keyring import KeyRing

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
    more, rows = len(rows) > query.limit, rows[: query.limit]
    if backwards:
        rows.reverse()
    if not rows:
        return Page((), total)
    first = _cursor(query.sort, rows[0], backwards=True)
    last = _cursor(query.sort, rows[-1], backwards=False)
    return Page(
        people=tuple(person for person, _ in rows),
        total=total,
        previous=first if (more if backwards else cursor is not None) else None,
        next=last if (backwards or more) else None,
    )


def seal_cursor(keyring: KeyRing, cursor: Cursor) -> str:
    """For an address: it holds a name or an e-mail address, which logs shall not."""
    return keyring.seal(_SEALED_FOR, cursor.as_json())


def open_cursor(keyring: KeyRing, text: str, sort: Sort) -> Cursor | None:
    """None if it is not one of ours, or of a list in another order."""
    value: Any = keyring.open_sealed(_SEALED_FOR, text)
    return parse_cursor(value, sort)


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


def _cursor(sort: Sort, row: tuple[Person, str | int], *, backwards: bool) -> Cursor:
    person, key = row
    return Cursor(sort, key, person.id, backwards)
