"""`live-agent import users FILE`: old users from another installation's export."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kernel.cli import FAILED, fail, print_json, print_line, print_table
from live_agent.cli.means import Means, do
from live_agent.imports.actions import Fate, Result, import_users
from live_agent.imports.files import Line, UnreadableFile, read_lines

commands = typer.Typer(help="What other installations exported.", no_args_is_help=True)

STDIN = "-"
SAID = {
    Fate.CREATED: ("created", "would be created"),
    Fate.EXISTS: ("there already, left as they are", "there already"),
    Fate.MOVED: ("moved to Cognigy.AI already, left as they are", "moved to Cognigy.AI already"),
    Fate.BAD: ("not imported, see below", "would not be imported, see below"),
}


@commands.callback()
def _group() -> None:
    """Keeps `users` a subcommand."""


@commands.command("users")
def users(
    file: Annotated[str, typer.Argument(help="CSV with a head, or JSON lines; `-` reads stdin.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything, and undo it: nothing is written.")
    ] = False,
    account: Annotated[
        list[str] | None,
        typer.Option("--account", help="OLD=NEW: the account's number there and here; repeatable."),
    ] = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="Report every row, not the bad ones alone.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="For programs: every row.")] = False,
) -> None:
    """Make old users of an export: account, email, name, role, confirmed, digest.

    Run it again after an interruption: whoever is there already is left as they are. Exit code 1
    if a row was bad; all others are imported then too.
    """
    account_map = _account_map(account or [])
    lines = _read(file)

    async def work(means: Means) -> list[Result]:
        with _progress(len(lines), shown=not json) as progress:
            return await import_users(
                means.database, lines, account_map, means.now, dry_run=dry_run, progress=progress
            )

    results = do(work)
    if json:
        print_json(_as_json(results, dry_run=dry_run))
    else:
        _print(results, dry_run=dry_run, rows=rows)
    if any(one.fate is Fate.BAD for one in results):
        raise typer.Exit(FAILED)


def _read(file: str) -> list[Line]:
    try:
        if file == STDIN:
            return read_lines(sys.stdin.buffer)
        with Path(file).open("rb") as opened:
            return read_lines(opened)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    except UnreadableFile as error:
        fail(str(error))


def _account_map(given: Sequence[str]) -> dict[int, int]:
    found: dict[int, int] = {}
    for pair in given:
        old, equals, new = pair.partition("=")
        if not (equals and old.isascii() and old.isdecimal() and new.isascii() and new.isdecimal()):
            fail(f"`--account {pair}` is not OLD=NEW, such as --account 7=1.")
        found[int(old)] = int(new)
    return found


@contextmanager
def _progress(total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where somebody looks at it."""
    if not shown or not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console  # noqa: PLC0415 - nothing heavy before it is needed
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Importing", total=total)
        yield lambda done: bar.advance(task, done)


def _print(results: Sequence[Result], *, dry_run: bool, rows: bool) -> None:
    counts = Counter(one.fate for one in results)
    for fate, words in SAID.items():
        if counts[fate] or fate is Fate.CREATED:
            print_line(f"{counts[fate]} {words[dry_run]}")
    shown = [one for one in results if rows or one.fate is Fate.BAD]
    if shown:
        columns = ("Line", "Account", "E-mail", "Result", "Reason")
        cells = [
            (one.line, one.account_id or "", one.email, one.fate.value, one.reason) for one in shown
        ]
        print_table("Rows", columns, cells)


def _as_json(results: Sequence[Result], *, dry_run: bool) -> dict[str, object]:
    counts = Counter(one.fate for one in results)
    return {
        "dry_run": dry_run,
        **{fate.value: counts[fate] for fate in Fate},
        "rows": [
            {
                "line": one.line,
                "fate": one.fate.value,
                "account": one.account_id,
                "email": one.email,
                "user_id": one.user_id,
                "reason": one.reason,
            }
            for one in results
        ],
    }
