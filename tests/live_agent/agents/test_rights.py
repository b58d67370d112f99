"""What each role allows, and that rights of several roles add up."""

from itertools import combinations

import pytest

from live_agent.agents.rules import (
    ADMINISTRATOR,
    AGENT,
    ROLES,
    SUPERVISOR,
    Right,
    joined,
    rights_of,
    roles_giving,
)


def test_an_agent_handles_conversations_and_administers_nothing():
    rights = rights_of([AGENT])
    assert Right.CONVERSATIONS_HANDLE in rights
    assert not {Right.AUDIT_READ, Right.INBOXES_MANAGE, Right.LABELS_MANAGE} & rights


def test_the_overview_is_the_supervisors_alone():
    assert Right.REPORTS_OVERVIEW in rights_of([SUPERVISOR])
    assert Right.REPORTS_OVERVIEW not in rights_of([ADMINISTRATOR])
    assert Right.REPORTS_OVERVIEW in rights_of([ADMINISTRATOR, SUPERVISOR])


def test_rights_of_several_roles_are_the_union():
    for number in range(len(ROLES) + 1):
        for roles in combinations(ROLES, number):
            single = [rights_of([role]) for role in roles]
            assert rights_of(roles) == frozenset().union(*single)


@pytest.mark.parametrize("roles", [[], ["owner"], ["Administrator"], [""]])
def test_no_role_or_an_unknown_one_allows_nothing(roles: list[str]):
    """Lesson 29: an empty list gives no rights."""
    assert rights_of(roles) == frozenset()
    assert joined(roles) == ""


def test_each_right_says_from_which_role_it_comes():
    roles = (AGENT, SUPERVISOR)
    assert roles_giving(Right.LABELS_USE, roles) == (SUPERVISOR, AGENT)
    assert roles_giving(Right.REPORTS_OVERVIEW, roles) == (SUPERVISOR,)
    assert roles_giving(Right.AUDIT_READ, roles) == ()
