"""What an organisation asks of passwords: what is stored, what a form may say, what is broken."""

import json
from dataclasses import replace

import pytest

from cognigy_ai.users import passwords
from cognigy_ai.users.passwords import NewPerson
from cognigy_ai.users.policy import (
    BOUNDS,
    DEFAULT,
    KEYS,
    PasswordPolicy,
    as_json,
    as_keys,
    faults,
    parse,
    parse_form,
)

ADA = NewPerson("Ada Lovelace", "ada@acme.example", "Acme Industries")
GOOD = "correct horse battery staple"
STRICT = PasswordPolicy(
    min_length=8,
    max_length=64,
    min_amount_lower_case=2,
    min_amount_upper_case=2,
    min_amount_special_characters=1,
    min_amount_numbers=1,
    max_amount_identical_characters=2,
    min_amount_failed_attempts_auto_disable=10,
)


def test_the_default_asks_for_length_and_nothing_else() -> None:
    assert as_keys(DEFAULT) == {
        "minLength": 12,
        "maxLength": 1024,
        "minAmountLowerCase": 0,
        "minAmountUpperCase": 0,
        "minAmountSpecialCharacters": 0,
        "minAmountNumbers": 0,
        "maxAmountIdenticalCharacters": 0,
        "minAmountFailedAttemptsAutoDisable": 0,
    }


@pytest.mark.parametrize("policy", [DEFAULT, STRICT])
def test_what_is_stored_comes_back(policy: PasswordPolicy) -> None:
    assert parse(as_json(policy)) == policy


@pytest.mark.parametrize("text", [None, "", "nonsense", "[]", "7", "null", '{"other": 1}'])
def test_what_cannot_be_read_is_the_default(text: str | None) -> None:
    assert parse(text) == DEFAULT


@pytest.mark.parametrize(
    ("key", "value", "taken"),
    [
        ("minLength", 0, 8),
        ("minLength", 7, 8),
        ("minLength", 5000, 128),
        ("minLength", "20", 12),
        ("minLength", True, 12),
        ("minLength", -1, 12),
        ("maxLength", 10, 64),
        ("maxLength", 10**9, 1024),
        ("minAmountNumbers", 1.5, 0),
    ],
)
def test_a_stored_value_that_is_not_safe_is_not_used(key: str, value: object, taken: int) -> None:
    assert as_keys(parse(json.dumps({key: value})))[key] == taken


def test_the_form_is_read_with_the_same_keys() -> None:
    form = {key: str(number) for key, number in as_keys(STRICT).items()}
    assert parse_form(form) == (STRICT, frozenset())


def test_an_empty_field_of_a_rule_is_off() -> None:
    assert parse_form({"minLength": "12", "maxLength": " 1024 "}) == (DEFAULT, frozenset())


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("off_by", [-1, 1])
def test_a_number_out_of_bounds_is_refused(name: str, off_by: int) -> None:
    number = BOUNDS[name][off_by > 0] + off_by
    form = {key: str(value) for key, value in as_keys(DEFAULT).items()} | {KEYS[name]: str(number)}
    assert name in parse_form(form)[1]


@pytest.mark.parametrize("text", ["", "x", "1e3", "٢٠", "12.0", "9" * 5000, "-12", "12\x00"])
def test_what_is_no_number_is_refused(text: str) -> None:
    form = {"minLength": text, "maxLength": "1024"}
    assert parse_form({k: v for k, v in form.items() if v})[1] == {"min_length"}


def test_the_longest_is_not_shorter_than_the_shortest() -> None:
    assert parse_form({"minLength": "100", "maxLength": "64"})[1] == {"max_length"}


@pytest.mark.parametrize(
    ("changes", "password", "broken"),
    [
        ({}, "short", ["min_length"]),
        ({}, "x" * 11, ["min_length"]),
        ({}, "any of it", ["min_length"]),
        ({}, "y" * 1025, ["max_length"]),
        ({"max_length": 64}, "z" * 65, ["max_length"]),
        ({"min_amount_lower_case": 3}, "ABcd" * 3, []),
        ({"min_amount_lower_case": 7}, "ABcd" * 3, ["min_amount_lower_case"]),
        ({"min_amount_upper_case": 1}, "lower case only", ["min_amount_upper_case"]),
        ({"min_amount_upper_case": 1}, "with an Ä in it", []),
        ({"min_amount_numbers": 2}, "one digit: 1 here", ["min_amount_numbers"]),
        ({"min_amount_numbers": 2}, "two digits: ४२", []),
        ({"min_amount_special_characters": 2}, "one-special1", ["min_amount_special_characters"]),
        ({"min_amount_special_characters": 2}, "blanks count too", []),
        (
            {"max_amount_identical_characters": 2},
            "aaa is too often",
            ["max_amount_identical_characters"],
        ),
        ({"max_amount_identical_characters": 3}, "aaa is just right", []),
        (
            {"min_amount_upper_case": 1, "min_amount_numbers": 1},
            "neither of them",
            ["min_amount_upper_case", "min_amount_numbers"],
        ),
    ],
)  # fmt: skip
def test_each_rule_is_named_when_it_is_broken(
    changes: dict[str, int], password: str, broken: list[str]
) -> None:
    assert faults(password, replace(DEFAULT, **changes)) == broken


@pytest.mark.parametrize("password", ["", "\x00" * 20, "🐎" * 500, "\ud800" * 12])
def test_any_text_can_be_judged(password: str) -> None:
    assert isinstance(faults(password, STRICT), list)


@pytest.mark.parametrize(
    ("policy", "password", "said"),
    [
        (DEFAULT, GOOD, ""),
        (DEFAULT, "short", "Use at least 12 characters."),
        (replace(DEFAULT, min_length=16), "quite short 123", "Use at least 16 characters."),
        (DEFAULT, "x" * 1025, "Use at most 1024 characters."),
        (DEFAULT, "password1234", "This password is easy to guess."),
        (DEFAULT, "granite-lovelace-lantern-58", "must not contain your name"),
        (DEFAULT, "granite industries 58 lantern", "your organisation"),
        (replace(DEFAULT, min_length=8), "LiveAgent1", "name of the product"),
        (replace(DEFAULT, min_amount_numbers=3), GOOD, "Digits needed: 3."),
    ],
)
def test_the_judgement_says_what_to_do(policy: PasswordPolicy, password: str, said: str) -> None:
    judged = passwords.judge(ADA, policy, password)
    assert said in judged
    assert bool(judged) is bool(said)


def test_all_faults_are_told_at_once_and_translated() -> None:
    policy = replace(DEFAULT, min_amount_numbers=1, min_amount_upper_case=1)
    assert passwords.judge(ADA, policy, GOOD, str.upper) == (
        "UPPER-CASE LETTERS NEEDED: {NUMBER}. DIGITS NEEDED: {NUMBER}."
    )
    assert passwords.judge(ADA, policy, GOOD) == ("Upper-case letters needed: 1. Digits needed: 1.")


def test_the_hint_names_what_is_asked() -> None:
    assert passwords.hint(DEFAULT) == ("At least 12 characters. Several words in a row are good.")
    said = passwords.hint(STRICT)
    assert "At least 8 characters" in said
    assert "Lower-case letters needed: 2." in said
    assert "at most 2 times in a row" in said
