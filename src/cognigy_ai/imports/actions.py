"""Deeds on lists of people: checked, started, stopped, discarded; `worker` carries them out."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from cognigy_ai.audit import actions as audit
from cognigy_ai.imports import rules
from cognigy_ai.imports.rules import (
    FIRST_ROWS,
    Counts,
    Import,
    Line,
    NewRow,
    Person,
    Reason,
    Row,
    RowPage,
    RowPlace,
)
from cognigy_ai.imports.store import lists as list_store
from cognigy_ai.imports.store import rows as row_store
from cognigy_ai.problems import Problem
from cognigy_ai.users.rules import User
from kernel.db import Database, Tx
from kernel.db import Row as DatabaseRow
from kernel.keyring import KeyRing
from kernel.opaque import new_id
from kernel.problems import ProblemError

SEALED_FOR = "import_row"
LONGEST_SEALED = 65_536
LISTED = 50
ROWS_OF_A_PAGE = 100
AT_ONCE = 500  # sealed, opened and inserted, before others have their turn


async def check(
    database: Database, keyring: KeyRing, by: User, file_name: str, lines: Sequence[Line], now: int
) -> str:
    """Keep the rows, sealed, each with the fate that it would have now; returns the import's id."""
    organisation = by.organisation_id
    rows: list[NewRow] = []
    for start_ in range(0, len(lines), AT_ONCE):
        part = lines[start_ : start_ + AT_ONCE]
        asked = [line.key for line in part if line.fault is None]
        people = await row_store.find_people(database, organisation, asked)
        rows += await asyncio.to_thread(_new_rows, keyring, part, people, by)
    new = Import(
        id=new_id(),
        organisation_id=organisation,
        file_name=file_name,
        asked_by=by.id,
        state=rules.CHECKED,
        invite=False,
        total=len(lines),
        done=0,
        created_at=now,
        started_at=None,
        finished_at=None,
    )
    async with database.transaction() as tx:
        await list_store.add(tx, new)
        for start_ in range(0, len(rows), AT_ONCE):
            await row_store.add_rows(tx, new.id, rows[start_ : start_ + AT_ONCE])
        await record(tx, "import.checked", new, now, rows=new.total)
    return new.id


async def get(db: Tx, organisation_id: str, import_id: str) -> Import:
    """The import; raises PAGE_NOT_FOUND, also for another organisation's."""
    found = await list_store.find(db, organisation_id, import_id)
    if found is None:
        raise ProblemError(Problem.PAGE_NOT_FOUND, import_id=import_id)
    return found


async def list_imports(db: Tx, organisation_id: str) -> list[Import]:
    """The newest first."""
    return await list_store.list_imports(db, organisation_id, LISTED)


async def count(db: Tx, found: Import) -> Counts:
    """How many rows have which fate."""
    return await row_store.count(db, found.id)


async def list_rows(
    db: Tx,
    keyring: KeyRing,
    found: Import,
    fate: str | None = None,
    *,
    place: RowPlace = FIRST_ROWS,
    limit: int = ROWS_OF_A_PAGE,
) -> RowPage:
    """Rows in the order of the file, of one fate or of all."""
    back = place.before is not None
    number = place.after if place.before is None else place.before
    read = await row_store.list_rows(db, found, fate, number, limit + 1, back=back)
    more = len(read) > limit
    kept = read[-limit:] if back else read[:limit]
    rows = await asyncio.to_thread(_rows, keyring, kept)
    has_next, has_previous = (True, more) if back else (more, place.after > 0)
    return RowPage(rows, has_previous=has_previous, has_next=has_next)


async def walk(db: Tx, keyring: KeyRing, found: Import) -> AsyncIterator[tuple[Row, ...]]:
    """Every row in the order of the file, for a download; read and opened in pieces."""
    place = FIRST_ROWS
    while True:
        page = await list_rows(db, keyring, found, place=place, limit=AT_ONCE)
        yield page.rows
        if not page.has_next:
            return
        place = RowPlace(after=page.rows[-1].number)


async def start(tx: Tx, by: User, import_id: str, now: int, *, invite: bool) -> None:
    """Let it run, with the rights of whoever uploaded it. Raises IMPORT_NOT_STARTED."""
    found = await get(tx, by.organisation_id, import_id)
    if not await list_store.start(tx, found, by.id, now, invite=invite):
        raise ProblemError(Problem.IMPORT_NOT_STARTED, import_id=import_id)
    await record(tx, "import.started", found, now, invite=invite)


async def stop(tx: Tx, by: User, import_id: str, now: int) -> bool:
    """What is done stays done, the other rows are forgotten. False if it was over."""
    found = await get(tx, by.organisation_id, import_id)
    return await stop_because(tx, found, now, "asked")


async def stop_because(tx: Tx, found: Import, now: int, because: str) -> bool:
    """The same for a reason of ours."""
    stopped = await list_store.stop(tx, found.id, now)
    if stopped:
        await row_store.forget_rest(tx, found.id)
        await record(tx, "import.stopped", found, now, because=because)
    return stopped


async def discard(tx: Tx, by: User, import_id: str, now: int) -> bool:
    """Forget a list that was not started; nobody was changed by it. False if it was started."""
    found = await get(tx, by.organisation_id, import_id)
    discarded = await list_store.discard(tx, by.organisation_id, import_id)
    if discarded:
        await record(tx, "import.discarded", found, now)
    return discarded


async def prune(db: Tx, now: int) -> int:
    """Forget lists that nobody started, and the results of old ones; returns how many."""
    return await list_store.prune(db, now)


def _new_rows(
    keyring: KeyRing, lines: Sequence[Line], people: Mapping[str, Person], by: User
) -> list[NewRow]:
    """In a thread: sealing five thousand takes as long as many requests."""
    return [
        NewRow(
            line.number,
            keyring.seal(SEALED_FOR, line.sealed()),
            rules.decide(line, people.get(line.key), by.roles),
        )
        for line in lines
    ]


def _rows(keyring: KeyRing, read: Sequence[DatabaseRow]) -> tuple[Row, ...]:
    """In a thread, as sealing is."""
    return tuple(
        Row(
            number=row["number"],
            fate=row["fate"],
            detail=row["detail"],
            done_at=row["done_at"],
            line=opened(keyring, row["number"], row["sealed_row"]),
            user_id=row["user_id"] if row["email"] is not None else None,
            email=row["email"],
        )
        for row in read
    )


def opened(keyring: KeyRing, number: int, sealed: str) -> Line | None:
    """What was typed in a row; None once it is done, or if its key is gone."""
    values = keyring.open_sealed(SEALED_FOR, sealed, LONGEST_SEALED) if sealed else None
    if values is None:
        return None
    email, name, roles, locale, fault = values
    return Line(number, email, name, tuple(roles), locale, Reason(fault) if fault else None)


async def record(tx: Tx, event: str, found: Import, now: int, **details: object) -> None:
    """Numbers and codes; the file's name and its people are not told."""
    facts = {"organisation_id": found.organisation_id, "import_id": found.id}
    await audit.record(tx, event, now, **facts, **details)  # type: ignore[arg-type]
