"""CSV that is opened in spreadsheet programs (RFC 4180), and what such programs take for more."""

import csv
import io
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def is_formula(text: str) -> bool:
    """Would a spreadsheet program calculate it (CWE-1236)?"""
    return text.lstrip(" ").startswith(FORMULA)


def guarded_cell(value: object) -> str:
    """The text of a cell; what looks like a formula gets an apostrophe and stays text."""
    text = "" if value is None else str(value)
    return f"'{text}" if is_formula(text) else text


def csv_line(cells: Iterable[object]) -> str:
    """One record with its line end."""
    line = io.StringIO()
    csv.writer(line).writerow([guarded_cell(cell) for cell in cells])
    return line.getvalue()
