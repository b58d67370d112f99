"""Lists of the people of an organisation: searched, narrowed, sorted, page by page."""

from dataclasses import replace
from typing import Any

from cognigy_ai.problems import Problem
from cognigy_ai.users.queries import Cursor, Page, Person, Query, Sort, State, parse_cursor
from cognigy_ai.users.rules import is_user_id
from cognigy_ai.users.store import listing as store
from cognigy_ai.users.store.listing import Shape
from kernel.db import Tx
from kernel.keyring import KeyRing
from kernel.problems import ProblemError

__all__ = ["Cursor", "Page", "Person", "Query", "Sort", "State"]

_SEALED_FOR = "people"
COUNTED = store.FEW  # more than these are "many"


async def get_person(db: Tx, organisation_id: str | None, user_id: str) -> Person:
    """Somebody of that organisation (None: of any); raises USER_UNKNOWN."""
    person = await store.find(db, user_id) if is_user_id(user_id) else None
    if person is None or organisation_id not in (None, person.organisation_id):
        raise ProblemError(Problem.USER_UNKNOWN, user_id=user_id)
    return person


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
    asked, shape = await _plan(db, query, way)
    rows = []
    if shape.few == store.SOME:
        glance = replace(shape, begin="glance", few=store.GLANCE)
        rows = await store.read_page(db, glance, asked, cursor)
    if len(rows) <= query.limit:
        rows = await store.read_page(db, shape, asked, cursor)
    more, rows = len(rows) > query.limit, rows[: query.limit]
    if backwards:
        rows.reverse()
    total = await _total(db, shape, asked)
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


async def _plan(db: Tx, query: Query, way: Shape) -> tuple[Query, Shape]:
    """The statement for the page, and the query with the rarest word first."""
    by_word = [_with_first(query, word) for word in sorted(query.words, key=len, reverse=True)]
    for asked in by_word:
        if await _few(db, "word", asked, store.FEW):
            return asked, replace(way, begin="word", few=store.FEW)
    if query.state not in (None, State.ACTIVE) and await _few(db, "state", query, store.FEW):
        return query, replace(way, begin="state", few=store.FEW)
    if query.role is not None and await _few(db, "role", query, store.FEW_OF_A_ROLE):
        return query, replace(way, begin="role", few=store.FEW_OF_A_ROLE)
    for asked in by_word:
        if await _few(db, "word", asked, store.SOME):
            return asked, replace(way, begin="word", few=store.SOME)
    return query, way


def _with_first(query: Query, word: str) -> Query:
    others = tuple(other for other in query.words if other != word)
    return replace(query, words=(word, *others))


async def _few(db: Tx, begin: str, query: Query, few: int) -> bool:
    return await store.count_few(db, begin, query, few) <= few


async def _total(db: Tx, shape: Shape, query: Query) -> int | None:
    if shape.begin:
        return None if shape.few == store.SOME else await store.count(db, shape, query)
    if query.words or query.role or query.state:
        return None
    found = await store.count_of_organisation(db, query.organisation_id)
    return found if found <= store.FEW else None


def _cursor(sort: Sort, row: tuple[Person, str | int], *, backwards: bool) -> Cursor:
    person, key = row
    return Cursor(sort, key, person.id, backwards)
