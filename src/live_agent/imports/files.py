"""Exports as files: CSV with a head, or a JSON object on each line."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from live_agent.imports.rules import BadRow, Row, missing_names, parse

LONGEST_LINE = 65_536


class UnreadableFile(Exception):  # noqa: N818 - what it is
    """Nothing of it can be read; the text is for the operator."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its line; or why there is none."""

    number: int
    row: Row | None
    reason: str = ""


def read_lines(file: BinaryIO) -> list[Line]:
    """Every row of the file, also the bad ones; raises UnreadableFile."""
    lines = [line.decode("utf-8", errors="replace") for line in file]
    if not lines:
        raise UnreadableFile("The file is empty.")
    lines[0] = lines[0].removeprefix("\ufeff")
    first = next((line for line in lines if line.strip()), "")
    return list(_of_json(lines) if first.lstrip().startswith("{") else _of_csv(lines))


def _of_json(lines: Iterable[str]) -> Iterator[Line]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            yield Line(number, None, "the line is too long")
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            yield Line(number, None, "not a JSON object")
            continue
        if isinstance(record, dict):
            yield _line(number, record)
        else:
            yield Line(number, None, "not a JSON object")


def _of_csv(lines: list[str]) -> Iterator[Line]:
    """Each line by itself: a quote that is not closed costs its own row and no other."""
    head: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            values = next(csv.reader([line], strict=True))
        except csv.Error:
            values = []
        if not head:
            missing = missing_names(dict.fromkeys(values))
            if missing:
                raise UnreadableFile(f"The head of the file lacks: {', '.join(missing)}.")
            head = values
        elif not values:
            yield Line(number, None, "a quote is not closed, or stands inside a value")
        elif len(values) != len(head):
            yield Line(number, None, f"{len(values)} values instead of {len(head)}")
        else:
            yield _line(number, dict(zip(head, values, strict=True)))


def _line(number: int, record: dict[str, object] | dict[str, str]) -> Line:
    try:
        return Line(number, parse(record))
    except BadRow as bad:
        return Line(number, None, str(bad))
