"""How long an API key lives, and what it looks like."""

from datetime import UTC, datetime

import pytest

from cognigy_ai.api_keys import rules

DAY = 24 * 3600
NOON = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())
MIDNIGHT = NOON + 12 * 3600


@pytest.mark.parametrize("days", ["30", "90", "365"])
def test_a_key_lives_for_the_days_that_were_chosen(days: str):
    assert rules.end_of(days, "", NOON) == NOON + int(days) * DAY


def test_a_day_ends_at_midnight():
    assert rules.end_of("date", "2026-11-22", NOON) == MIDNIGHT
    assert rules.end_of("date", "2026-11-23", NOON) == MIDNIGHT + DAY


def test_the_last_day_is_a_year_away_and_no_key_lives_longer_than_a_year():
    assert rules.last_day(NOON).isoformat() == "2027-11-22"
    assert rules.end_of("date", "2027-11-22", NOON) == NOON + 365 * DAY
    assert rules.end_of("date", "2027-11-23", NOON) is None


@pytest.mark.parametrize(
    ("choice", "day"),
    [
        ("", ""),
        ("31", ""),
        ("-30", ""),
        ("date", ""),
        ("date", "2026-11-21"),
        ("date", "22.11.2026"),
        ("date", "2026-02-30"),
        ("date", "9999-12-31"),
        ("90\0", ""),
    ],
)
def test_other_ends_are_refused(choice: str, day: str):
    assert rules.end_of(choice, day, NOON) is None


@pytest.mark.parametrize("seconds", [0, -1, 365 * DAY + 1])
def test_an_end_is_later_than_now_and_within_a_year(seconds: int):
    assert not rules.is_end(NOON + seconds, NOON)
    assert rules.is_end(NOON + 365 * DAY, NOON)


@pytest.mark.parametrize("text", ["", "ck_", "at_" + "a" * 43, "ck_" + "ä" * 43, "ck_" + "a" * 44])
def test_only_what_looks_like_a_key_is_looked_up(text: str):
    assert not rules.is_api_key(text)
    assert rules.is_api_key("ck_" + "a" * 43)


def test_a_made_key_hides_its_secret():
    assert "ck_" not in repr(rules.MadeKey("id", "ck_secret", NOON))
