"""One role for many people: what a form means, and what will happen to each."""

import json

import pytest

from cognigy_ai.admin.rules.selection import MOST_SELECTED, Selection, fate, parse_form, parse_json

ADA, BOB = "a" * 24, "b" * 24
FORM = {"deed": "give", "role": "odata", f"user.{ADA}": "1", f"user.{BOB}": "1", "csrf_token": "x"}


def test_a_form_says_who_and_what() -> None:
    chosen = parse_form(FORM)
    assert chosen == Selection("give", "odata", (ADA, BOB))
    assert chosen is not None
    assert parse_json(json.loads(json.dumps(chosen.as_json()))) == chosen


@pytest.mark.parametrize("change", [{"deed": "burn"}, {"role": "emperor"}, {"role": "base_role"}])
def test_what_the_list_never_sends_is_nothing(change: dict[str, str]) -> None:
    assert parse_form(FORM | change) is None


@pytest.mark.parametrize("value", [None, 7, [], ["give"], ["give", "odata", "x"], {"deed": "give"}])
def test_what_is_not_a_selection_is_none(value: object) -> None:
    assert parse_json(value) is None


def test_a_selection_is_bounded() -> None:
    chosen = parse_json(["take", "odata", [f"{n:024x}" for n in range(1000)]])
    assert chosen is not None
    assert len(chosen.user_ids) == MOST_SELECTED


@pytest.mark.parametrize(
    ("by", "theirs", "deed", "role", "expected"),
    [
        ("admin", (), "give", "admin", "changes"),
        ("admin", ("admin",), "take", "admin", "changes"),
        ("admin", ("admin",), "give", "admin", "has_it"),
        ("admin", (), "take", "odata", "has_it_not"),
        ("userManager", (), "give", "odata", "changes"),
        ("userManager", (), "give", "admin", "not_allowed"),
        ("userManager", ("admin",), "give", "odata", "not_allowed"),
        ("userManager", ("admin", "odata"), "take", "odata", "not_allowed"),
        ("liveAgentAgent", (), "give", "odata", "not_allowed"),
    ],
)
def test_each_person_has_a_fate(
    by: str, theirs: tuple[str, ...], deed: str, role: str, expected: str
) -> None:
    assert fate((by,), theirs, Selection(deed, role, (ADA,))) == expected
