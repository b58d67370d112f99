"""CSV that is opened in spreadsheet programs (RFC 4180), and what such programs take for more."""

import csv
import io
import re
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else
# What a program calculates where a cell begins: `= + - @`, also full-width. A cell begins as well
# after a semicolon, a tab or a line break inside ours, for whoever opens the file with those.
_SIGNS = "=+@\\-\uff1d\uff0b\uff20\uff0d"
FORMULA = re.compile(rf"^(?=[ ]*[{_SIGNS}\t\r\n])|[;\t\r\n](?=[ ]*[{_SIGNS}])")


def is_formula(text: str) -> bool:
    """Would a spreadsheet program calculate it (CWE-1236)?"""
    return FORMULA.search(text) is not None


def guarded_cell(value: object) -> str:
    """The text of a cell; what looks like a formula gets an apostrophe and stays text."""
    return FORMULA.sub(r"\g<0>'", "" if value is None else str(value))


def csv_line(cells: Iterable[object]) -> str:
    """One record with its line end."""
    line = io.StringIO()
    csv.writer(line).writerow([guarded_cell(cell) for cell in cells])
    return line.getvalue()
