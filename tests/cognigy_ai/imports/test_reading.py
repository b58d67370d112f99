"""A CSV file of people: what is read of it, and why a file or a row is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognigy_ai.imports.reading import MOST_ROWS, read_file
from cognigy_ai.imports.rules import Line, Reason
from cognigy_ai.problems import Problem
from kernel.problems import ProblemError

GOOD = "email,name,roles,locale\nada@acme.example,Ada Lovelace,liveAgentAgent apiKeys,de\n"


def read(text: str) -> list[Line]:
    return read_file(text.encode())


def problem_of(content: bytes) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        read_file(content)
    return caught.value


def test_a_row_is_read() -> None:
    assert read(GOOD) == [
        Line(2, "ada@acme.example", "Ada Lovelace", ("liveAgentAgent", "apiKeys"), "de")
    ]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        "locale;roles;NAME;Email\nde;liveAgentAgent,apiKeys;Ada Lovelace;ada@acme.example",
        GOOD.replace("liveAgentAgent apiKeys", " liveAgentAgent| apiKeys;liveAgentAgent "),
        'email,name,roles,locale\n"ada@acme.example"," Ada Lovelace ","liveAgentAgent,apiKeys",DE',
    ],
)
def test_programs_write_the_same_in_several_ways(text: str) -> None:
    [line] = read(text)
    assert (line.email, line.name, line.locale) == ("ada@acme.example", "Ada Lovelace", "de")
    assert line.roles == ("liveAgentAgent", "apiKeys")
    assert line.fault is None


def test_only_the_address_has_to_be_there() -> None:
    assert read("email\nada@acme.example") == [Line(2, "ada@acme.example", "", (), "")]
    assert read("email,name,roles\nada@acme.example")[0].fault is None


def test_blank_lines_are_passed_over_and_numbers_are_those_of_the_file() -> None:
    lines = read("email,name\n\n,,\nada@acme.example,Ada\n\nbob@acme.example,Bob\n")
    assert [line.number for line in lines] == [4, 6]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem.IMPORT_EMPTY),
        (b"\n\n", Problem.IMPORT_EMPTY),
        (b"email,name\n", Problem.IMPORT_EMPTY),
        ("email,name\nada@acme.example,Zoë".encode("latin-1"), Problem.IMPORT_NOT_UTF8),
        (GOOD.encode("utf-16"), Problem.IMPORT_NOT_UTF8),
        (b'email,name\nada@acme.example,"Ada', Problem.IMPORT_NOT_CSV),
        (b'email,name\nada@acme.example,"Ada" x', Problem.IMPORT_NOT_CSV),
        (b"name,roles\nAda,admin", Problem.IMPORT_COLUMN_MISSING),
        (b"ada@acme.example,Ada", Problem.IMPORT_COLUMN_MISSING),
        (b"email,password\na@acme.example,x", Problem.IMPORT_COLUMN_UNKNOWN),
        (b"email,name,EMAIL\na@acme.example,x,y", Problem.IMPORT_COLUMN_REPEATED),
        (b"email\n" + b"a@acme.example\n" * (MOST_ROWS + 1), Problem.IMPORT_TOO_LONG),
        (b"email,name\na@acme.example," + b"x" * 200_000, Problem.IMPORT_NOT_CSV),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused(content: bytes, problem: Problem) -> None:
    assert problem_of(content).problem is problem


def test_the_longest_list_is_read() -> None:
    text = "email\n" + "".join(f"p{n}@acme.example\n" for n in range(MOST_ROWS))
    assert len(read(text)) == MOST_ROWS


def test_the_line_that_cannot_be_read_is_named() -> None:
    error = problem_of(b'email,name\na@acme.example,A\nb@acme.example,"B" x\n')
    assert error.context["line"] == 3


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",Ada", Reason.EMAIL_MISSING),
        ("ada,Ada", Reason.EMAIL_INVALID),
        ("ada@acme.example\0,Ada", Reason.EMAIL_INVALID),
        ("ada@acme.example,=1+1", Reason.FORMULA),
        ("ada@acme.example,@SUM(A1)", Reason.FORMULA),
        ("ada@acme.example,+49 30 1", Reason.FORMULA),
        ("ada@acme.example,-Ada", Reason.FORMULA),
        ("ada@acme.example,Ada\0", Reason.NAME_INVALID),
        ('ada@acme.example,"Ada\nKing"', Reason.NAME_INVALID),
        ("ada@acme.example," + "x" * 201, Reason.NAME_INVALID),
        ("ada@acme.example,Ada,root", Reason.ROLE_UNKNOWN),
        ("ada@acme.example,Ada,admin root", Reason.ROLE_UNKNOWN),
        ("ada@acme.example,Ada,,fr", Reason.LOCALE_UNKNOWN),
        ("ada@acme.example,Ada,admin,de,more", Reason.TOO_MANY_CELLS),
    ],
)
def test_a_row_says_what_is_wrong_with_it(row: str, reason: Reason) -> None:
    [line] = read(f"email,name,roles,locale\n{row}\n")
    assert line.fault is reason


def test_an_address_counts_once_however_it_is_written() -> None:
    first, second = read("email,name\nAda@acme.example,Ada\nada@ACME.example,Ada\n")
    assert (first.fault, second.fault) == (None, Reason.TWICE)


def test_what_is_kept_of_a_row_is_bounded() -> None:
    roles = " ".join(f"{n:0>400}" for n in range(100))
    [line] = read(f"email,name,roles,locale\n{'a' * 999},{'b' * 999},{roles},{'c' * 999}\n")
    assert len(str(line.sealed())) < 10_000
    assert line.fault is Reason.EMAIL_INVALID


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for start in (b"", b"email,name,roles,locale\n"):
        with suppress(ProblemError):
            read_file(start + content)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        lines = read("email;name;roles;locale\n" + text.encode("utf-8", "replace").decode())
    except ProblemError:
        return
    numbers = [line.number for line in lines]
    assert numbers == sorted(set(numbers))
