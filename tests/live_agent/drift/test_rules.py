"""What counts as a difference, and what taking it over would do."""

from dataclasses import replace

import pytest

from live_agent.agents.rules import User
from live_agent.drift.rules import Kind, compare
from live_agent.platform_people.rules import Person

ISSUER = "https://api.example.com"
ADA = User(
    id="us_ada", account_id=1, issuer=ISSUER, subject="ada", email="ada@acme.example",
    email_key="ada@acme.example", name="Ada", locale="en", roles=("agent",), presence="online",
    confirmed=True, has_password=False, old_login_closed=False, access_revision=3, created_at=1,
    moved_at=None, last_login_at=5, last_login_method="cognigy", disabled=False,
)  # fmt: skip
SAID = Person(
    subject="ada", email="ada@acme.example", email_verified=True, name="Ada", locale="en",
    roles=("agent",), access_revision=3, disabled=False,
)  # fmt: skip


def kinds(users: list[User], people: list[Person], access: set[str] | None = None) -> list[Kind]:
    found = compare(ISSUER, users, people, access or set())
    return [line.kind for one in found for line in one.lines]


def test_whoever_is_the_same_on_both_sides_is_not_listed():
    assert kinds([ADA], [SAID]) == []
    assert kinds([ADA], [replace(SAID, email="ADA@acme.example ")]) == []


@pytest.mark.parametrize(
    ("said", "access", "expected"),
    [
        (None, False, [Kind.GONE]),
        (replace(SAID, disabled=True), True, [Kind.DISABLED]),
        (replace(SAID, disabled=True), False, []),
        (replace(SAID, roles=()), False, [Kind.NO_ROLE]),
        (replace(SAID, roles=("supervisor",)), False, [Kind.ROLES]),
        (replace(SAID, email="new@acme.example", name="Eve"), False, [Kind.EMAIL, Kind.NAME]),
        (replace(SAID, email="", name=""), False, []),
    ],
)
def test_each_kind(said: Person | None, access: bool, expected: list[Kind]):  # noqa: FBT001
    assert kinds([ADA], [said] if said else [], {ADA.id} if access else set()) == expected


def test_a_local_block_is_told_and_not_lifted():
    """Lesson 78."""
    [one] = compare(ISSUER, [replace(ADA, disabled=True)], [SAID], set())
    assert one.lines[0].kind is Kind.BLOCKED_HERE
    assert not one.can_be_settled


def test_a_role_without_an_agent_is_told_unless_an_old_user_waits_to_move():
    assert kinds([], [SAID]) == [Kind.NEVER_CAME]
    assert kinds([], [replace(SAID, disabled=True)]) == []
    old = replace(ADA, issuer=None, subject=None)
    assert kinds([old], [SAID]) == []


def test_people_of_another_issuer_are_nobodys_here():
    assert Kind.GONE not in kinds([replace(ADA, issuer="https://other.example")], [])


def test_whoever_loses_access_comes_first():
    renamed = replace(ADA, id="a", subject="a", name="Aaron")
    gone = replace(ADA, id="z", subject="z", name="Zoe")
    said = replace(SAID, subject="a", name="Aron")
    found = compare(ISSUER, [renamed, gone], [said], set())
    assert [one.id for one in found] == ["z", "a"]
