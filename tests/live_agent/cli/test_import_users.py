"""`live-agent import users`: what an old installation exported becomes old users."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.terminal import Operator

HEAD = "account,email,name,role,confirmed,digest"
DIGEST = "$2a$11$" + "abcdefghijklmnopqrstuv" + "A" * 31
TOO_DEAR = DIGEST.replace("$11$", "$31$")
GOOD = [
    f"1,ada@acme.example,Ada Lovelace,1,2021-03-04 05:06:07,{DIGEST}",
    "1,bob@acme.example,Bob,agent,false,",
    "1,Cleo@Acme.example,Cleo,supervisor agent,t,",
]


@pytest.fixture(autouse=True)
def _account(account: str) -> None:
    assert account == "1"


def write(folder: Path, rows: list[str], head: str = HEAD) -> str:
    path = folder / "users.csv"
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return str(path)


def people(operator: Operator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = operator.reads("users", "list", "--account", "1")
    return found


def test_rows_become_old_users(operator: Operator, tmp_path: Path):
    report = operator.reads("import", "users", write(tmp_path, GOOD))
    assert (report["created"], report["bad"]) == (3, 0)
    ada, bob, cleo = sorted(people(operator), key=lambda one: one["email"].lower())
    assert (ada["roles"], ada["confirmed"], ada["has_password"]) == (["administrator"], True, True)
    assert (bob["roles"], bob["confirmed"], bob["has_password"]) == (["agent"], False, False)
    assert (cleo["roles"], cleo["email"]) == (["agent", "supervisor"], "Cleo@Acme.example")


def test_json_lines_say_the_same(operator: Operator, tmp_path: Path):
    path = tmp_path / "users.jsonl"
    rows = [
        {"account_id": 1, "email": "ada@acme.example", "name": "Ada", "role": 1},
        {"account": "1", "email": "bob@acme.example", "roles": ["agent"], "confirmed": True},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    assert operator.reads("import", "users", str(path))["created"] == 2
    assert {one["email"]: one["confirmed"] for one in people(operator)} == {
        "ada@acme.example": False,
        "bob@acme.example": True,
    }


def test_a_dry_run_says_what_would_happen_and_writes_nothing(operator: Operator, tmp_path: Path):
    file = write(tmp_path, [*GOOD, "9,x@acme.example,X,agent,t,"])
    done = operator.types("import", "users", file, "--dry-run")
    assert done.exit_code == 1
    assert "3 would be created" in done.stdout
    assert "there is no account 9" in done.stdout
    assert people(operator) == []
    before = json.loads(operator.types("import", "users", file, "--dry-run", "--json").stdout)
    after = json.loads(operator.types("import", "users", file, "--json").stdout)
    fates = [[row["fate"] for row in report["rows"]] for report in (before, after)]
    assert fates[0] == fates[1]


def test_a_second_run_changes_nothing(operator: Operator, tmp_path: Path):
    """Also what was changed here since: the export's password is never set back."""
    file = write(tmp_path, GOOD)
    operator.says("import", "users", file)
    at = ("ada@acme.example", "--account", "1")
    operator.says("users", "set-password", *at, "--password-stdin", stdin="violet-harbour-42-x\n")
    before = people(operator)
    report = operator.reads("import", "users", file)
    assert (report["created"], report["exists"]) == (0, 3)
    assert people(operator) == before


def test_an_interrupted_run_goes_on_where_it_stopped(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("live_agent.imports.actions.BATCH", 2)
    rows = [f"1,n{n}@acme.example,N{n},agent,t," for n in range(5)]
    half = write(tmp_path, rows[:3])
    operator.says("import", "users", half)
    report = operator.reads("import", "users", write(tmp_path, rows))
    assert (report["created"], report["exists"]) == (2, 3)
    assert len(people(operator)) == 5


BAD = {
    "1,nobody,N,agent,t,": "email: not an address",
    "1,a@acme.example b@acme.example,N,agent,t,": "email: not an address",
    "x,n@acme.example,N,agent,t,": "account: not a number",
    "0,n@acme.example,N,agent,t,": "account: not a number",
    "77,n@acme.example,N,agent,t,": "there is no account 77",
    "1,n@acme.example,N,owner,t,": "role: write agent",
    "1,n@acme.example,N,,t,": "role: write agent",
    "1,n@acme.example,N,agent,perhaps,": "confirmed: write true or false",
    "1,n@acme.example,N,agent,t,secret-in-clear": "digest: neither bcrypt",
    f"1,n@acme.example,N,agent,t,{TOO_DEAR}": "digest: neither bcrypt",
    f"1,n@acme.example,{'N' * 201},agent,t,": "name: longer than 200",
    "1,n@acme.example,N,agent": "4 values instead of 6",
    '1,n@acme.example,"N,agent,t,': "a quote is not closed",
    "1,ADA@acme.example,Ada again,agent,t,": "the same account and address as line 2",
}


def test_bad_rows_are_named_with_line_and_reason_and_nothing_else_is_lost(
    operator: Operator, tmp_path: Path
):
    rows = [GOOD[0], *BAD, *GOOD[1:]]
    done = operator.types("import", "users", write(tmp_path, rows), "--json")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert report["created"] == 3
    bad = {row["line"]: row["reason"] for row in report["rows"] if row["fate"] == "bad"}
    assert list(bad) == list(range(3, 3 + len(BAD)))
    for reason, expected in zip(bad.values(), BAD.values(), strict=True):
        assert expected in reason
    said = operator.types("import", "users", write(tmp_path, rows), "--rows").output
    for secret in (DIGEST, "secret-in-clear"):
        assert secret not in done.output + said


def test_bytes_that_are_no_text_cost_their_row_alone(operator: Operator, tmp_path: Path):
    path = tmp_path / "users.csv"
    path.write_bytes(
        b"\xef\xbb\xbf" + HEAD.encode() + b"\n1,a@acme.example,\xff\xfe,agent,t,\n"
        b"1,b@acme.example,B\xc3\xb6b,agent,t,\n"
    )
    report = json.loads(operator.types("import", "users", str(path), "--json").stdout)
    assert [row["reason"] for row in report["rows"]] == ["name: not UTF-8", ""]
    assert [one["name"] for one in people(operator)] == ["Böb"]


def test_account_numbers_of_there_become_those_of_here(operator: Operator, tmp_path: Path):
    file = write(tmp_path, [row.replace("1,", "7,", 1) for row in GOOD])
    assert operator.reads("import", "users", file, "--account", "7=1")["created"] == 3
    assert len(people(operator)) == 3
    assert "OLD=NEW" in operator.refused("import", "users", file, "--account", "seven")


@pytest.mark.parametrize(
    ("head", "said"),
    [("email,name", "lacks: account, role"), ("", "lacks: account")],
)
def test_a_file_without_the_needed_columns_is_refused(
    operator: Operator, tmp_path: Path, head: str, said: str
):
    path = write(tmp_path, ["a@acme.example,A"], head or "nonsense")
    assert said in operator.refused("import", "users", path)


def test_a_file_that_is_empty_or_not_there_is_refused(operator: Operator, tmp_path: Path):
    (tmp_path / "empty.csv").touch()
    assert "is empty" in operator.refused("import", "users", str(tmp_path / "empty.csv"))
    assert "cannot be read" in operator.refused("import", "users", str(tmp_path / "absent.csv"))


def test_standard_input_is_read_too(operator: Operator):
    report = operator.reads("import", "users", "-", stdin="\n".join([HEAD, *GOOD]))
    assert report["created"] == 3
