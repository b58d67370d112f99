"""What the command lines of both systems share. Nothing heavy is loaded before it is printed."""

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

from kernel.db import DatabaseUnavailable
from kernel.migrations import SchemaMismatch
from kernel.settings import SettingsError

T = TypeVar("T")

FAILED = 1
INTERRUPTED = 130  # as a shell reports a program that Ctrl-C ended


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; failures that an operator can mend become one line."""
    try:
        return asyncio.run(coroutine)
    except DatabaseUnavailable as error:
        fail(f"The database does not answer ({error}). Check DATABASE_URL or POSTGRES_HOST.")
    except SchemaMismatch as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def fail(message: str) -> NoReturn:
    """Red text on standard error and exit code 1."""
    from rich.console import Console  # noqa: PLC0415 - see the module's docstring
    from rich.text import Text  # noqa: PLC0415

    Console(stderr=True).print(Text(message, style="red"), soft_wrap=True)
    raise SystemExit(FAILED)


def fail_for_settings(error: SettingsError) -> NoReturn:
    """Every fault of the environment: the key, what is wrong with it, what to write."""
    number = len(error.faults)
    heading = "The configuration is wrong." if number == 1 else f"{number} settings are wrong."
    fail("\n".join([heading, *(f"  {fault}" for fault in error.faults)]))


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "None."
) -> None:
    """A table for people on standard output; values are never read as markup."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else Text(str(value)) for value in row))
    console = Console()
    if table.row_count == 0:
        console.print(Text(empty))
        return
    console.print(table)


def print_json(value: object) -> None:
    """One JSON value on standard output, for programs (`--json`)."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_line(text: str) -> None:
    """Plain text on standard output: an id, a link, a sentence."""
    sys.stdout.write(text + "\n")
