"""CSV for spreadsheet programs: what they would calculate stays text."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.spreadsheet import csv_line, guarded_cell, is_formula


@pytest.mark.parametrize("text", ["=1+1", "+49", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"])
def test_a_formula_is_recognised_and_guarded(text: str) -> None:
    assert is_formula(text)
    assert guarded_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Ada", "a=b", "a@b.example", "", None, 12])
def test_anything_else_stays_as_it_is(value: object) -> None:
    assert guarded_cell(value) == ("" if value is None else str(value))


def test_a_record_ends_its_line_and_quotes_what_needs_it() -> None:
    assert csv_line(["a", 'say "hi"', "x,y", None]) == 'a,"say ""hi""","x,y",\r\n'


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2))
def test_a_record_is_read_as_it_was_written(cells: list[str]) -> None:
    [read] = csv.reader(io.StringIO(csv_line(cells), newline=""))
    assert read == [guarded_cell(cell) for cell in cells]
