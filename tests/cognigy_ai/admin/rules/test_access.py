"""Why somebody can or cannot log in to Live Agent: every answer of every question."""

from dataclasses import replace
from itertools import product

import pytest

from cognigy_ai.admin.rules.access import (
    Facts,
    Question,
    Verdict,
    chain,
    change_of,
    outcome,
    rights_of,
)
from cognigy_ai.live_agent.rules import Finding
from cognigy_ai.roles.rules import LIVE_AGENT_ROLES, OF_LIVE_AGENT, ROLES, Permission

GOOD = Facts(
    disabled=False,
    has_password=True,
    must_change_password=False,
    email_verified=True,
    suspended=False,
    feature_on=True,
    finding=Finding.AGREES,
    roles=("base_role", "liveAgentAgent"),
)


def test_who_fits_everything_can_log_in() -> None:
    links = chain(GOOD)
    assert [link.question for link in links] == list(Question)
    assert {link.verdict for link in links} == {Verdict.FINE}
    assert outcome(links) is Verdict.FINE


@pytest.mark.parametrize(
    ("change", "question", "answer", "verdict"),
    [
        ({"disabled": True}, Question.STATE, "disabled", Verdict.WRONG),
        ({"has_password": False}, Question.PASSWORD, "missing", Verdict.WRONG),
        ({"must_change_password": True}, Question.PASSWORD, "must_change", Verdict.NOTE),
        ({"email_verified": False}, Question.EMAIL, "unverified", Verdict.NOTE),
        ({"suspended": True}, Question.ORGANISATION, "suspended", Verdict.WRONG),
        ({"feature_on": False}, Question.FEATURE, "off", Verdict.WRONG),
        ({"finding": Finding.NOT_CONFIGURED}, Question.ACCOUNT, "not_configured", Verdict.WRONG),
        ({"finding": Finding.NOT_NOTED}, Question.ACCOUNT, "not_noted", Verdict.NOTE),
        ({"finding": None}, Question.ACCOUNT, "not_asked", Verdict.UNKNOWN),
        ({"finding": Finding.SUSPENDED}, Question.ACCOUNT, "suspended", Verdict.WRONG),
        ({"finding": Finding.LOGIN_OFF}, Question.ACCOUNT, "login_off", Verdict.WRONG),
        ({"finding": Finding.DIFFERS}, Question.ACCOUNT, "differs", Verdict.NOTE),
        ({"finding": Finding.MISSING}, Question.ACCOUNT, "missing", Verdict.WRONG),
        ({"finding": Finding.UNREACHED}, Question.ACCOUNT, "unreached", Verdict.UNKNOWN),
        ({"finding": Finding.NOT_CONNECTED}, Question.ACCOUNT, "not_connected", Verdict.UNKNOWN),
        ({"roles": ("base_role", "odata")}, Question.ROLES, "none", Verdict.WRONG),
        ({"roles": ()}, Question.ROLES, "none", Verdict.WRONG),
    ],
)
def test_one_change_is_named_and_judged(
    change: dict[str, object], question: Question, answer: str, verdict: Verdict
) -> None:
    links = chain(replace(GOOD, **change))  # type: ignore[arg-type]
    other = [link for link in links if link.verdict is not Verdict.FINE]
    assert [(link.question, link.answer, link.verdict) for link in other] == [
        (question, answer, verdict)
    ]
    assert outcome(links) is (Verdict.FINE if verdict is Verdict.NOTE else verdict)


def test_what_is_wrong_weighs_more_than_what_is_not_known() -> None:
    links = chain(replace(GOOD, disabled=True, finding=Finding.UNREACHED))
    assert outcome(links) is Verdict.WRONG


def test_the_result_is_the_worst_of_all_answers() -> None:
    """Every combination of the seven answers."""
    for bits in product((False, True), repeat=5):
        disabled, no_password, suspended, off, no_role = bits
        for finding in (*Finding, None):
            facts = replace(
                GOOD,
                disabled=disabled,
                has_password=not no_password,
                suspended=suspended,
                feature_on=not off,
                finding=finding,
                roles=() if no_role else GOOD.roles,
            )
            wrong = any(bits) or finding in (
                Finding.SUSPENDED,
                Finding.LOGIN_OFF,
                Finding.MISSING,
                Finding.NOT_CONFIGURED,
            )
            known = finding not in (Finding.UNREACHED, Finding.NOT_CONNECTED, None)
            expected = Verdict.FINE if known else Verdict.UNKNOWN
            assert outcome(chain(facts)) is (Verdict.WRONG if wrong else expected)


def test_only_live_agent_roles_open_live_agent() -> None:
    assert {role for role in ROLES if rights_of((role,))} == set(LIVE_AGENT_ROLES)
    assert rights_of(("admin", "liveAgentAdmin")) == ("administrator",)
    assert rights_of(("liveAgentAgent", "liveAgentSupervisor")) == ("supervisor", "agent")


@pytest.mark.parametrize(
    ("roles", "role", "rights", "left"),
    [
        (("liveAgentAgent",), "liveAgentAgent", ("agent",), ()),
        (("liveAgentAgent", "liveAgentSupervisor"), "liveAgentAgent", ("agent",), ("supervisor",)),
        (("admin", "liveAgentAdmin"), "liveAgentAdmin", (), ("administrator",)),
        (("odata",), "odata", (), ()),
        ((), "liveAgentAgent", ("agent",), ("agent",)),
        (("liveAgentAgent",), "odata", (), ("agent",)),
    ],
)
def test_a_change_of_one_role_says_what_it_changes_in_live_agent(
    roles: tuple[str, ...], role: str, rights: tuple[str, ...], left: tuple[str, ...]
) -> None:
    change = change_of(roles, role)
    assert (change.rights, change.left) == (rights, left)


def test_a_change_of_one_role_says_what_it_changes_here() -> None:
    assert change_of(("admin",), "admin").permissions == tuple(
        one for one in Permission if one not in OF_LIVE_AGENT
    )
    assert change_of(("admin", "userManager"), "userManager").permissions == ()
    won = change_of((), "userManager").permissions
    assert won == (Permission.USERS_READ, Permission.USERS_WRITE, Permission.ROLES_GIVE)
