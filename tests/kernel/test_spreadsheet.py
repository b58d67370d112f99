"""CSV for spreadsheet programs: what they would calculate stays text."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.spreadsheet import csv_line, guarded_cell, is_formula

FULL_WIDTH = ("\uff1d1+1", "\uff0b49", "\uff0d2", "\uff20SUM(A1)")


@pytest.mark.parametrize("text", ["=1+1", "+49", "-2", "@SUM(A1)", "  =1", *FULL_WIDTH])
def test_a_formula_is_recognised_and_guarded(text: str) -> None:
    assert is_formula(text)
    assert guarded_cell(text) == f"'{text}"


@pytest.mark.parametrize("between", [";", "\t", "\r", "\n", "\r\n", "; "])
@pytest.mark.parametrize("before", ["", "x"])
@pytest.mark.parametrize("formula", ["=HYPERLINK(A1)", "\uff1d1+1"])
def test_a_formula_is_guarded_wherever_a_program_may_begin_a_cell(
    before: str, between: str, formula: str
) -> None:
    text = before + between + formula
    assert is_formula(text)
    guarded = guarded_cell(text)
    assert guarded.replace("'", "") == text
    assert f"'{formula}" in guarded.replace(" ", "")


@pytest.mark.parametrize("value", ["Ada", "a=b", "a@b.example", "a; b", "a\r\nb", "", None, 12])
def test_anything_else_stays_as_it_is(value: object) -> None:
    assert guarded_cell(value) == ("" if value is None else str(value))


def test_a_record_ends_its_line_and_quotes_what_needs_it() -> None:
    assert csv_line(["a", 'say "hi"', "x,y", None]) == 'a,"say ""hi""","x,y",\r\n'


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2))
def test_a_record_is_read_as_it_was_written(cells: list[str]) -> None:
    [read] = csv.reader(io.StringIO(csv_line(cells), newline=""))
    assert read == [guarded_cell(cell) for cell in cells]
