"""What the browser keeps of a login under way."""

import pytest

from live_agent.oauth.rules import flow as rules
from live_agent.oauth.rules.flow import Flow
from live_agent.oauth.rules.retry import MOST_PENDING_RETRIES, WayOn, way_on

FLOW = Flow("state", "nonce", "verifier", "/app", "https://api.example.com", 1000)


def test_a_flow_comes_back_as_it_went():
    assert rules.from_json(rules.to_json(FLOW)) == FLOW


@pytest.mark.parametrize("value", [None, {}, [], [1, 2], "text", [*rules.to_json(FLOW), "new"]])
def test_what_is_no_flow_is_none(value: object):
    assert rules.from_json(value) is None


def test_a_flow_belongs_to_its_own_state_only():
    """Lesson 16: swapped data is refused."""
    assert rules.belongs_to(FLOW, "state")
    assert not rules.belongs_to(FLOW, "State")
    assert not rules.belongs_to(None, "state")


def test_a_flow_expires_at_its_last_second():
    """Lesson 68: state expires."""
    assert not rules.is_expired(FLOW, 1000 + rules.VALID_SECONDS - 1)
    assert rules.is_expired(FLOW, 1000 + rules.VALID_SECONDS)


def test_different_states_have_different_cookies():
    assert rules.cookie_name("a") != rules.cookie_name("b")
    assert len(rules.cookie_name("a")) == len("flow_") + 8


def test_the_sixth_flow_drops_the_oldest():
    ages = {f"f{n}": n for n in (3, 1, 2, 5, 4)}
    sizes = dict.fromkeys(ages, 300)
    assert rules.surplus(ages, sizes, 300) == ["f1"]
    del ages["f5"], sizes["f5"]
    assert rules.surplus(ages, sizes, 300) == []


def test_long_targets_never_make_the_cookie_header_too_long():
    ages = {"old": 1, "new": 2}
    assert rules.surplus(ages, {"old": 2000, "new": 900}, 2000) == ["old"]
    assert rules.surplus(ages, {"old": 2000, "new": 2000}, 2000) == ["old", "new"]


def test_a_cookie_that_cannot_be_read_goes_first():
    ages = {"a": 5, "unreadable": 0, "b": 6, "c": 7, "d": 8}
    assert rules.surplus(ages, dict.fromkeys(ages, 10), 10) == ["unreadable"]


@pytest.mark.parametrize(
    ("state", "has_session", "pending", "way"),
    [
        ("lost", False, 0, WayOn.RESTART),
        ("lost", True, 0, WayOn.STAY),
        ("lost.r", False, 0, WayOn.GIVE_UP),
        ("lost.r", True, 0, WayOn.STAY),
        ("", False, 0, WayOn.GIVE_UP),
        ("lost", False, MOST_PENDING_RETRIES - 1, WayOn.RESTART),
        ("lost", False, MOST_PENDING_RETRIES, WayOn.GIVE_UP),
    ],
)
def test_a_lost_login_restarts_once_and_never_under_somebody(
    state: str, *, has_session: bool, pending: int, way: WayOn
):
    assert way_on(state, has_session=has_session, pending_retries=pending) is way
