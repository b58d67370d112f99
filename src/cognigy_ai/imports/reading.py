"""Reading a CSV file of people (RFC 4180): comma or semicolon, UTF-8, columns in any order."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace

from cognigy_ai.imports.rules import Line, Reason, fault_of
from cognigy_ai.problems import Problem
from kernel.problems import ProblemError

# No `password_digest`, which only an operator's `cognigy-ai apply` takes: whoever may import people
# may make nobody's password, and digests do not belong in files that pass through spreadsheets.
COLUMNS = ("email", "name", "roles", "locale")
NEEDED = ("email",)
MOST_ROWS = 5000
LONGEST_SHOWN = 40
# More is refused anyway, and is not worth keeping.
LONGEST_CELL = 320
MOST_ROLES_KEPT = 20
BETWEEN_ROLES = re.compile(r"[\s;|,]+")


def read_file(content: bytes) -> list[Line]:
    """Every row, each with its own fault; raises a ProblemError if the file is none of ours."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProblemError(Problem.IMPORT_NOT_UTF8) from None
    records = _records(text)
    _, header = next(records, (0, []))
    columns = _columns(header)
    lines: list[Line] = []
    known: dict[str, int] = {}
    for number, cells in records:
        if len(lines) == MOST_ROWS:
            raise ProblemError(Problem.IMPORT_TOO_LONG, most=MOST_ROWS)
        line = _line(number, cells, columns)
        line = replace(line, fault=line.fault or fault_of(line, known))
        known.setdefault(line.key, number)
        lines.append(line)
    if not lines:
        raise ProblemError(Problem.IMPORT_EMPTY)
    return lines


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, with the line of the file on which each ends."""
    head = text.lstrip().partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            trimmed = [cell.strip() for cell in cells]
            if any(trimmed):
                yield reader.line_num, trimmed
    except csv.Error:
        raise ProblemError(Problem.IMPORT_NOT_CSV, line=reader.line_num) from None


def _columns(header: list[str]) -> list[str]:
    """The names of the first line, in any order and case."""
    if not header:
        raise ProblemError(Problem.IMPORT_EMPTY)
    names = [cell.lower() for cell in header]
    for name in NEEDED:
        if name not in names:
            raise ProblemError(Problem.IMPORT_COLUMN_MISSING, column=name)
    for shown, name in zip(header, names, strict=True):
        if name not in COLUMNS:
            raise ProblemError(Problem.IMPORT_COLUMN_UNKNOWN, column=shown[:LONGEST_SHOWN])
        if names.count(name) > 1:
            raise ProblemError(Problem.IMPORT_COLUMN_REPEATED, column=name)
    return names


def _line(number: int, cells: list[str], columns: list[str]) -> Line:
    """Cells that are missing at the end are empty."""
    values = dict.fromkeys(COLUMNS, "") | dict(zip(columns, cells, strict=False))
    roles = dict.fromkeys(role for role in BETWEEN_ROLES.split(values["roles"]) if role)
    return Line(
        number=number,
        email=values["email"][:LONGEST_CELL],
        name=values["name"][:LONGEST_CELL],
        roles=tuple(role[:LONGEST_CELL] for role in roles)[:MOST_ROLES_KEPT],
        locale=values["locale"].lower()[:LONGEST_CELL],
        fault=Reason.TOO_MANY_CELLS if any(cells[len(columns) :]) else None,
    )
