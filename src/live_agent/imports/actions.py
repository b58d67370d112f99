"""Old users are made of the rows of an export: in batches, each of them whole or not at all.

Run again after an interruption, it goes on: whoever is there already is left as they are, so a
password that was changed here is never set back to the one of the export. The dry run does the
same, and undoes each batch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique

from kernel.db import Database, Tx
from kernel.emails import email_key
from live_agent.accounts import actions as accounts
from live_agent.agents import actions as agents
from live_agent.agents.actions import OldUser
from live_agent.audit import actions as audit
from live_agent.imports.files import Line
from live_agent.imports.rules import Row

BATCH = 200
BY = "import"


@unique
class Fate(Enum):
    """What became of a row."""

    CREATED = "created"
    EXISTS = "exists"  # an old user with the address: left as it is
    MOVED = "moved"  # somebody with the address logs in through Cognigy.AI
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the report."""

    line: int
    fate: Fate
    account_id: int | None = None
    email: str = ""
    reason: str = ""
    user_id: str = ""


class _Undo(Exception):  # noqa: N818 - what it does to the transaction
    pass


async def import_users(
    database: Database,
    lines: Sequence[Line],
    account_map: Mapping[int, int],
    now: int,
    *,
    dry_run: bool,
    progress: Callable[[int], None] = lambda _done: None,
) -> list[Result]:
    """A result for each line, in their order. `account_map`: numbers there → numbers here."""
    results: list[Result] = []
    first_lines: dict[tuple[int, str], int] = {}
    for start in range(0, len(lines), BATCH):
        batch = [_mapped(line, account_map) for line in lines[start : start + BATCH]]
        batch = [_once(line, first_lines) for line in batch]
        results += await _import_batch(database, batch, now, dry_run=dry_run)
        progress(len(batch))
    return results


async def _import_batch(
    database: Database, batch: Sequence[Line], now: int, *, dry_run: bool
) -> list[Result]:
    results: list[Result] = []
    try:
        async with database.transaction() as tx:
            known = await _lock_accounts(tx, batch)
            results += [await _import_line(tx, line, known, now) for line in batch]
            made = sum(one.fate is Fate.CREATED for one in results)
            if made:
                await audit.record(tx, "users.imported", now, created=made)
            if dry_run:
                raise _Undo
    except _Undo:
        return [replace(one, user_id="") for one in results]
    return results


async def _lock_accounts(tx: Tx, batch: Sequence[Line]) -> frozenset[int]:
    """Which of the batch's accounts there are. Two imports at once go one after the other."""
    wanted = sorted({line.row.account_id for line in batch if line.row is not None})
    return frozenset([number for number in wanted if await accounts.lock(tx, number)])


async def _import_line(tx: Tx, line: Line, known: frozenset[int], now: int) -> Result:
    row = line.row
    if row is None:
        return Result(line.number, Fate.BAD, reason=line.reason)
    about = Result(line.number, Fate.BAD, row.account_id, row.email)
    if row.account_id not in known:
        return replace(about, reason=f"account: there is no account {row.account_id}")
    holders = await agents.list_by_email(tx, row.account_id, row.email)
    if any(user.linked for user in holders):
        return replace(about, fate=Fate.MOVED)
    if holders:
        return replace(about, fate=Fate.EXISTS, user_id=holders[0].id)
    user_id = await agents.create_old(tx, _old_user(row), now, by=BY)
    return replace(about, fate=Fate.CREATED, user_id=user_id)


def _old_user(row: Row) -> OldUser:
    return OldUser(row.account_id, row.email, row.name, row.roles, row.digest, row.confirmed)


def _mapped(line: Line, account_map: Mapping[int, int]) -> Line:
    if line.row is None or line.row.account_id not in account_map:
        return line
    return replace(line, row=replace(line.row, account_id=account_map[line.row.account_id]))


def _once(line: Line, first_lines: dict[tuple[int, str], int]) -> Line:
    """A second row with the same account and address is bad: which one is meant, nobody knows."""
    if line.row is None:
        return line
    key = (line.row.account_id, email_key(line.row.email))
    first = first_lines.setdefault(key, line.number)
    if first == line.number:
        return line
    return Line(line.number, None, f"email: the same account and address as line {first}")
